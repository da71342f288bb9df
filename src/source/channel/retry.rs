//! Patience: how often and after how long something that failed is tried again.

use std::time::{Duration, SystemTime};

use super::PullError;

/// A server that asks to wait longer is left for the next night.
pub const LONGEST_WAIT: Duration = Duration::from_mins(5);
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// The time, and waiting for it to pass.
pub trait Clock: Sync {
    /// The time of day.
    fn now(&self) -> SystemTime;
    /// Waits.
    fn sleep(&self, time: Duration);
    /// A time between none and `most`, by chance: partners that all failed at once are not all asked
    /// again at once.
    fn chance(&self, most: Duration) -> Duration;
}

/// The clock of the machine.
pub struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }

    fn chance(&self, most: Duration) -> Duration {
        let mut bytes = [0; 2];
        // Without random bytes the longest wait is as good as any.
        match getrandom::fill(&mut bytes) {
            Ok(()) => most * u32::from(u16::from_le_bytes(bytes)) / u32::from(u16::MAX),
            Err(_) => most,
        }
    }
}

/// The tries of one piece of work.
pub struct Tries<'a> {
    clock: &'a dyn Clock,
    most: u32,
    failed: u32,
    /// All failures, also before the last progress.
    pub total: u32,
}

impl<'a> Tries<'a> {
    /// So many tries, the first one included.
    #[must_use]
    pub fn new(clock: &'a dyn Clock, most: u32) -> Self {
        Self {
            clock,
            most,
            failed: 0,
            total: 0,
        }
    }

    /// Something came over: the patience is whole again.
    pub fn progress(&mut self) {
        self.failed = 0;
    }

    /// Waits before another try.
    ///
    /// # Errors
    /// The error itself, when trying again does not help, was done often enough, or the server asks for
    /// more patience than there is.
    pub fn again(&mut self, error: PullError) -> Result<(), PullError> {
        self.failed += 1;
        self.total += 1;
        if !error.transient() || self.failed >= self.most {
            return Err(error);
        }
        let backoff = FIRST_WAIT * 2u32.saturating_pow(self.failed - 1);
        let wait = self.clock.chance(backoff.min(LONGEST_WAIT));
        let wait = match &error {
            PullError::Wait(Some(asked)) if *asked > LONGEST_WAIT => return Err(error),
            PullError::Wait(Some(asked)) => wait.max(*asked),
            _ => wait,
        };
        tracing::info!(error = %error, failed = self.failed, "tries again");
        self.clock.sleep(wait);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Counts what was slept instead of sleeping.
    #[derive(Default)]
    struct Asleep(Mutex<Vec<u64>>);

    impl Clock for Asleep {
        fn now(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH
        }
        fn sleep(&self, time: Duration) {
            self.0.lock().unwrap().push(time.as_secs());
        }
        fn chance(&self, most: Duration) -> Duration {
            most
        }
    }

    #[test]
    fn waits_double_and_end() {
        let clock = Asleep::default();
        let mut tries = Tries::new(&clock, 5);
        for _ in 0..4 {
            tries.again(PullError::Broken).unwrap();
        }
        assert_eq!(tries.again(PullError::Broken), Err(PullError::Broken));
        assert_eq!(*clock.0.lock().unwrap(), [1, 2, 4, 8]);
    }

    #[test]
    fn progress_restores_the_patience() {
        let clock = Asleep::default();
        let mut tries = Tries::new(&clock, 2);
        for _ in 0..5 {
            tries.again(PullError::Silence(60)).unwrap();
            tries.progress();
        }
        assert_eq!(tries.total, 5);
        assert_eq!(*clock.0.lock().unwrap(), [1; 5]);
    }

    #[test]
    fn what_trying_does_not_mend_is_not_tried_again() {
        let clock = Asleep::default();
        for error in [
            PullError::HostKey,
            PullError::Denied,
            PullError::Refused(404),
        ] {
            let mut tries = Tries::new(&clock, 5);
            assert_eq!(tries.again(error.clone()), Err(error));
        }
        assert!(clock.0.lock().unwrap().is_empty());
    }

    #[test]
    fn a_server_that_asks_to_wait_is_waited_for_within_reason() {
        let clock = Asleep::default();
        let mut tries = Tries::new(&clock, 5);
        let asks = |seconds| PullError::Wait(Some(Duration::from_secs(seconds)));
        tries.again(asks(30)).unwrap();
        tries.again(asks(0)).unwrap();
        assert_eq!(tries.again(asks(301)), Err(asks(301)));
        assert_eq!(*clock.0.lock().unwrap(), [30, 2]);
    }
}
