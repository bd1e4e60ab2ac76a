//! Work shared out over threads and taken up in its order while it goes on.
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Makes the parts `0 … n − 1` on all threads of the current pool, each with a room of its own, and takes them up one by
/// one in that order, whichever thread made them. The first fault in the order ends it.
///
/// A part is taken up as soon as all before it are, by a thread that has just made one: no thread waits for the last part
/// to begin, and what a part holds is still near when it is read.
///
/// # Errors
///
/// The first fault in the order of the parts.
pub(super) fn in_order<R, T: Send, E: Send>(
    n: u64,
    room: impl Fn() -> R + Sync,
    make: impl Fn(&mut R, u64) -> Result<T, E> + Sync,
    take: impl FnMut(T) + Send,
) -> Result<(), E> {
    let desk = Desk {
        waiting: Mutex::new(BTreeMap::new()),
        taken: Mutex::new(Taken { next: 0, take, fault: None }),
        failed: AtomicBool::new(false),
    };
    let next = AtomicU64::new(0);
    let work = || {
        let mut room = room();
        while !desk.failed.load(Ordering::Relaxed) {
            let k = next.fetch_add(1, Ordering::Relaxed);
            if k >= n {
                return;
            }
            desk.put(k, make(&mut room, k));
        }
    };
    let threads = (rayon::current_num_threads() as u64).clamp(1, n.max(1));
    rayon::scope(|scope| (0..threads).for_each(|_| scope.spawn(|_| work())));
    // nobody may have looked since the last part was put down
    desk.clear();
    locked(&desk.taken).fault.take().map_or(Ok(()), Err)
}

/// Where parts wait for their turn.
struct Desk<T, E, F> {
    waiting: Mutex<BTreeMap<u64, Result<T, E>>>,
    taken: Mutex<Taken<E, F>>,
    failed: AtomicBool,
}

/// How far the parts are taken up.
struct Taken<E, F> {
    next: u64,
    take: F,
    fault: Option<E>,
}

impl<T, E, F: FnMut(T)> Desk<T, E, F> {
    /// Puts part `k` down, and clears the desk unless somebody is at it.
    fn put(&self, k: u64, part: Result<T, E>) {
        if part.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        locked(&self.waiting).insert(k, part);
        self.clear();
    }

    /// Takes up every part whose turn it is.
    fn clear(&self) {
        let Ok(mut taken) = self.taken.try_lock() else { return };
        while taken.fault.is_none() {
            let Some(part) = locked(&self.waiting).remove(&taken.next) else { return };
            taken.next += 1;
            match part {
                Ok(part) => (taken.take)(part),
                Err(fault) => taken.fault = Some(fault),
            }
        }
    }
}

/// A panic on another thread ends the scope; nothing half done is read after it.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(threads: usize, work: impl FnOnce() + Send) {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads start");
        pool.install(work);
    }

    /// Work that takes longer for some parts than for others.
    fn slow(k: u64) -> u64 {
        (0..(k * 7919) % 5000).fold(k, |sum, i| std::hint::black_box(sum ^ i ^ i))
    }

    #[test]
    fn parts_are_taken_up_in_their_order_on_any_number_of_threads() {
        for threads in [1, 2, 3, 8] {
            for n in [0, 1, 2, 300] {
                on(threads, || {
                    let mut seen = Vec::new();
                    let made = in_order(n, || (), |(), k| Ok::<_, ()>(slow(k)), |part| seen.push(part));
                    assert_eq!(made, Ok(()));
                    assert_eq!(seen, (0..n).collect::<Vec<_>>(), "{threads} threads");
                });
            }
        }
    }

    #[test]
    fn the_first_fault_in_the_order_is_told_and_nothing_behind_it_is_taken() {
        for threads in [1, 2, 5] {
            on(threads, || {
                let mut seen = 0;
                let faulty = |(): &mut (), k: u64| if k % 50 == 49 { Err(k) } else { Ok(slow(k)) };
                assert_eq!(in_order(400, || (), faulty, |_| seen += 1), Err(49));
                assert_eq!(seen, 49, "{threads} threads");
            });
        }
    }

    #[test]
    fn each_thread_has_a_room_and_uses_it_again() {
        on(3, || {
            let rooms = AtomicU64::new(0);
            let room = || {
                rooms.fetch_add(1, Ordering::Relaxed);
                0_u64
            };
            let mut most = 0;
            let make = |used: &mut u64, _| {
                *used += 1;
                Ok::<_, ()>(*used)
            };
            assert_eq!(in_order(100, room, make, |used| most = most.max(used)), Ok(()));
            let rooms = rooms.into_inner();
            assert!(rooms <= 3 && most * rooms >= 100, "{rooms} rooms, {most} parts in one");
        });
    }
}
