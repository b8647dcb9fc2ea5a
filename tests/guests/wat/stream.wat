;; A component whose import hands out a stream and a future, neither of which the host records.
(component
  (type $pipes (instance
    (export "open" (func (result (stream u8))))
    (export "later" (func (result (future u32))))))
  (import "test:later/pipes" (instance $imported (type $pipes)))

  (core module $empty
    (func (export "run") (result i32)
      i32.const 42))
  (core instance $instance (instantiate $empty))
  (func (export "run") (result u32) (canon lift (core func $instance "run"))))
