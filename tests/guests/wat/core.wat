;; A core module, which is not a component: the host has to say so and how to make one.
(module
  (func (export "run") (result i32)
    i32.const 42))
