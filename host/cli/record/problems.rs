//! Problems of many operations: how many there are, and the first of them.

use crate::cli::session::Session;

/// How many of each sort of problem are told one by one.
const TOLD: usize = 10;

/// The first of some problems, and how many there are.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    pub(crate) count: usize,
    pub(crate) told: Vec<String>,
}

impl Problems {
    pub(crate) fn add(&mut self, problem: String) {
        self.count += 1;
        if self.told.len() < TOLD {
            self.told.push(problem);
        }
    }

    pub(crate) fn print(&self, session: &mut Session) {
        for problem in &self.told {
            session.terminal.line(format_args!("  {problem}"));
        }
        if self.count > self.told.len() {
            session.terminal.line(format_args!("  and {} more", self.count - self.told.len()));
        }
    }
}
