//! The tape of one operation. This is the one file that tells recording from replaying: everything else asks a port, and
//! does what the answer says.

use crate::files::FilePort;
use crate::matching::CallPort;
use crate::random::epochs::Epochs;
use crate::record::RecordingTape;
use crate::remarks::RemarkPort;
use crate::replay::ReplayTape;
use crate::streams::StreamPort;
use crate::time::TimePort;
use crate::time::arrivals::{Awaited, Readied, Wait};

/// The tape of one running operation.
#[derive(Debug)]
pub struct Tape(Side);

/// Boxed, because a tape is large and is handed from one owner to the next several times in one operation.
#[derive(Debug)]
enum Side {
    Recording(Box<RecordingTape>),
    Replaying(Box<ReplayTape>),
}

/// Evaluates the same expression with either tape.
macro_rules! either {
    ($self:expr, $tape:ident => $value:expr) => {
        match $self {
            Side::Recording($tape) => $value,
            Side::Replaying($tape) => $value,
        }
    };
}

impl From<RecordingTape> for Tape {
    fn from(tape: RecordingTape) -> Self {
        Self(Side::Recording(Box::new(tape)))
    }
}

impl From<Box<ReplayTape>> for Tape {
    fn from(tape: Box<ReplayTape>) -> Self {
        Self(Side::Replaying(tape))
    }
}

impl Tape {
    /// What it does about calls.
    pub fn calls(&self) -> &dyn CallPort {
        either!(&self.0, tape => &**tape)
    }

    /// The same, to change it.
    pub fn calls_mut(&mut self) -> &mut dyn CallPort {
        either!(&mut self.0, tape => &mut **tape)
    }

    /// What it does about time.
    pub fn time(&self) -> &dyn TimePort {
        either!(&self.0, tape => &**tape)
    }

    /// The same, to change it.
    pub fn time_mut(&mut self) -> &mut dyn TimePort {
        either!(&mut self.0, tape => &mut **tape)
    }

    /// What it does about files.
    pub fn files(&self) -> &dyn FilePort {
        either!(&self.0, tape => &**tape)
    }

    /// The same, to change it.
    pub fn files_mut(&mut self) -> &mut dyn FilePort {
        either!(&mut self.0, tape => &mut **tape)
    }

    /// What it does about standard streams.
    pub fn streams_mut(&mut self) -> &mut dyn StreamPort {
        either!(&mut self.0, tape => &mut **tape)
    }

    /// What it tells the service of its own recording.
    pub fn remarks(&self) -> &dyn RemarkPort {
        either!(&self.0, tape => &**tape)
    }

    /// The same, to change it.
    pub fn remarks_mut(&mut self) -> &mut dyn RemarkPort {
        either!(&mut self.0, tape => &mut **tape)
    }

    /// The epochs of the operation, which say which random numbers it draws.
    pub fn epochs(&self) -> &Epochs {
        match &self.0 {
            Side::Recording(tape) => &tape.log.epochs,
            Side::Replaying(tape) => &tape.epochs,
        }
    }

    /// The same, to change them.
    pub fn epochs_mut(&mut self) -> &mut Epochs {
        match &mut self.0 {
            Side::Recording(tape) => &mut tape.log.epochs,
            Side::Replaying(tape) => &mut tape.epochs,
        }
    }

    /// Whether what happens is not recorded, because a body is running whose call is. Never on replay.
    pub fn is_untaped(&self) -> bool {
        matches!(&self.0, Side::Recording(tape) if tape.is_suspended())
    }

    /// The service asks which of its handles are ready. `look` says what is there, and is not called while recording.
    ///
    /// # Errors
    ///
    /// Those of `look`.
    pub fn ready<A: AsRef<[Awaited]>, E>(
        &mut self,
        wait: Wait,
        look: impl FnOnce(&mut Self) -> Result<A, E>,
    ) -> Result<Readied, E> {
        if let Side::Recording(_) = self.0 {
            return Ok(Readied::Live);
        }
        let awaited = look(self)?;
        match &mut self.0 {
            Side::Recording(_) => Ok(Readied::Live),
            Side::Replaying(tape) => Ok(tape.ready(awaited.as_ref(), wait)),
        }
    }

    /// The tape of a recording, if it is one.
    pub fn into_recording(self) -> Option<Box<RecordingTape>> {
        match self.0 {
            Side::Recording(tape) => Some(tape),
            Side::Replaying(_) => None,
        }
    }

    /// The tape of a replay, if it is one.
    pub fn into_replay(self) -> Option<Box<ReplayTape>> {
        match self.0 {
            Side::Recording(_) => None,
            Side::Replaying(tape) => Some(tape),
        }
    }
}
