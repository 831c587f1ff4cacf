//! In: independent jobs. Out: their results in order. Two threads are enough: candle's own products use the others,
//! and a job draws from a seed of its own, so that the order of work decides nothing.

use crate::error::Result;
use std::error::Error;
use std::sync::Mutex;

/// Jobs at a time.
const WORKERS: usize = 2;

/// Runs jobs in a few threads.
///
/// # Errors
/// The first of the jobs' own, in their order.
pub fn parallel<J, R, E>(jobs: &[J], run: impl Fn(&J) -> Result<R, E> + Sync) -> Result<Vec<R>>
where
    J: Sync,
    R: Send,
    E: Send + Into<Box<dyn Error>>,
{
    let next = Mutex::new(0usize);
    let results: Mutex<Vec<(usize, Result<R, E>)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let Ok(mut at) = next.lock() else { return };
                    let own = *at;
                    *at += 1;
                    drop(at);
                    let Some(job) = jobs.get(own) else { return };
                    let result = run(job);
                    if let Ok(mut results) = results.lock() {
                        results.push((own, result));
                    }
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_default();
    if results.len() != jobs.len() {
        return Err("a worker panicked".into());
    }
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result.map_err(Into::into)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_jobs_and_the_first_error_counts() {
        let jobs: Vec<u64> = (0..50).collect();
        let doubled = parallel(&jobs, |job| Ok::<_, String>(job * 2));
        assert_eq!(doubled.ok(), Some(jobs.iter().map(|job| job * 2).collect()));
        let failed = parallel(&jobs, |job| if *job < 7 { Ok(*job) } else { Err(format!("job {job}")) });
        assert_eq!(failed.err().map(|error| error.to_string()), Some("job 7".to_string()));
    }
}
