//! The part of rustfft's interface that tract's Fourier operators compile against, without the
//! transforms: they weigh 0.7 MB in the wasm, and the operator table holds no operator that calls
//! them. Must never be reached: a transform that is not there panics.

pub use num_complex;
pub use num_traits;

use num_complex::Complex;
use std::sync::Arc;

/// Numbers that could be transformed.
pub trait FftNum: Copy + num_traits::FromPrimitive + num_traits::Signed + Sync + Send + std::fmt::Debug + 'static {}
impl<T> FftNum for T where T: Copy + num_traits::FromPrimitive + num_traits::Signed + Sync + Send + std::fmt::Debug + 'static {}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FftDirection {
    Forward,
    Inverse,
}

/// A transform.
pub trait Fft<T: FftNum>: Sync + Send {
    fn process(&self, buffer: &mut [Complex<T>]);
}

struct Absent;

impl<T: FftNum> Fft<T> for Absent {
    fn process(&self, _buffer: &mut [Complex<T>]) {
        unimplemented!("this build has no Fourier transform")
    }
}

/// Gives transforms.
#[derive(Default)]
pub struct FftPlanner<T: FftNum>(std::marker::PhantomData<T>);

impl<T: FftNum> FftPlanner<T> {
    pub fn new() -> Self {
        Self(std::marker::PhantomData)
    }

    pub fn plan_fft(&mut self, _length: usize, _direction: FftDirection) -> Arc<dyn Fft<T>> {
        Arc::new(Absent)
    }

    pub fn plan_fft_forward(&mut self, length: usize) -> Arc<dyn Fft<T>> {
        self.plan_fft(length, FftDirection::Forward)
    }
}
