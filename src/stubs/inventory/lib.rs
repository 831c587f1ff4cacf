//! In: what tract registers at start-up. Out: registries that are always empty.
//! Each registration is a root that the linker keeps, and through it tract's optimiser and all of its
//! operators: 2.5 MB of the module. Code that looks something up in a registry
//! would find nothing.
#![no_std]

use core::marker::PhantomData;
use core::ops::Deref;

/// A type that has a registry.
pub trait Collect: Sync + Sized + 'static {}

mod private {
    /// What is registered of a type.
    #[allow(non_camel_case_types)]
    pub enum iter<T> {
        __Phantom(core::marker::PhantomData<T>, core::convert::Infallible),
        iter,
    }
    pub use value::*;
    mod value {
        pub use super::iter::iter;
    }
}

/// What is registered of a type: nothing. A value and a function, as `inventory` has it.
#[allow(non_camel_case_types)]
pub type iter<T> = private::iter<T>;
#[doc(hidden)]
pub use private::*;

/// An iterator that is at its end.
pub struct Iter<T: 'static>(PhantomData<&'static T>);

impl<T> Iterator for Iter<T> {
    type Item = &'static T;

    fn next(&mut self) -> Option<&'static T> {
        None
    }
}

const _: () = {
    fn nothing<T>() -> Iter<T> {
        Iter(PhantomData)
    }

    impl<T: Collect> IntoIterator for iter<T> {
        type Item = &'static T;
        type IntoIter = Iter<T>;

        fn into_iter(self) -> Iter<T> {
            nothing()
        }
    }

    impl<T: Collect> Deref for iter<T> {
        type Target = fn() -> Iter<T>;

        fn deref(&self) -> &Self::Target {
            &(nothing as fn() -> Iter<T>)
        }
    }
};

/// Gives a type a registry.
#[macro_export]
macro_rules! collect {
    ($type:ty) => {
        impl $crate::Collect for $type {}
    };
}

/// Registers nothing.
#[macro_export]
macro_rules! submit {
    ($($value:tt)*) => {};
}
