//! In: what tract says went wrong. Out: the error that its functions return, with the same text.
//! anyhow's own keeps a backtrace for `{:?}`, and with it the standard library's demangler and a table of
//! functions for each type of message: 10 kB of the module, compressed, that no caller of ours can see.

use std::borrow::Cow;
use std::convert::Infallible;
use std::error::Error as StdError;
use std::fmt;

/// What an operation of tract gives.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// What went wrong, and what was being done. `{}` is the last that was said, `{:#}` all of it.
pub struct Error(Box<Said>);

enum Said {
    Message(Cow<'static, str>),
    Cause(Box<dyn StdError + Send + Sync>),
    Context(String, Error),
}

impl Error {
    /// An error of a message.
    #[cold]
    pub fn msg(message: impl fmt::Display) -> Error {
        Error::said(message.to_string().into())
    }

    /// An error of another type.
    #[cold]
    pub fn new(cause: impl StdError + Send + Sync + 'static) -> Error {
        Error(Box::new(Said::Cause(Box::new(cause))))
    }

    /// Says what was being done.
    #[cold]
    pub fn context(self, context: impl fmt::Display) -> Error {
        self.during(context.to_string())
    }

    /// What all else followed from.
    pub fn root_cause(&self) -> &(dyn StdError + 'static) {
        match &*self.0 {
            Said::Context(_, cause) => cause.root_cause(),
            Said::Cause(cause) => {
                let mut root: &(dyn StdError + 'static) = &**cause;
                while let Some(source) = root.source() {
                    root = source;
                }
                root
            }
            said @ Said::Message(_) => said,
        }
    }

    #[cold]
    #[inline(never)]
    fn said(message: Cow<'static, str>) -> Error {
        Error(Box::new(Said::Message(message)))
    }

    #[cold]
    #[inline(never)]
    fn during(self, context: String) -> Error {
        Error(Box::new(Said::Context(context, self)))
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Said::Message(message) => f.write_str(message),
            Said::Context(context, _) => f.write_str(context),
            Said::Cause(cause) => fmt::Display::fmt(cause, f),
        }
    }
}

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for Said {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return write!(f, "{}", self.0);
        }
        let mut said = &*self.0;
        while let Said::Context(context, cause) = said {
            write!(f, "{context}: ")?;
            said = &*cause.0;
        }
        write!(f, "{said}")?;
        let mut source = match said {
            Said::Cause(cause) => cause.source(),
            _ => None,
        };
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:#}")
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(cause: E) -> Error {
        Error::new(cause)
    }
}

/// Says what was being done when something failed.
pub trait Context<T, E>: private::Sealed {
    /// As it is.
    fn context<C: fmt::Display>(self, context: C) -> Result<T>;
    /// Made when it is needed.
    fn with_context<C: fmt::Display, F: FnOnce() -> C>(self, context: F) -> Result<T>;
}

impl<T, E: private::IntoError> Context<T, E> for core::result::Result<T, E> {
    fn context<C: fmt::Display>(self, context: C) -> Result<T> {
        self.map_err(|cause| cause.into_error().context(context))
    }

    fn with_context<C: fmt::Display, F: FnOnce() -> C>(self, context: F) -> Result<T> {
        self.map_err(|cause| cause.into_error().context(context()))
    }
}

impl<T> Context<T, Infallible> for Option<T> {
    fn context<C: fmt::Display>(self, context: C) -> Result<T> {
        self.ok_or_else(|| Error::msg(context))
    }

    fn with_context<C: fmt::Display, F: FnOnce() -> C>(self, context: F) -> Result<T> {
        self.ok_or_else(|| Error::msg(context()))
    }
}

mod private {
    use super::{Error, StdError};

    pub trait Sealed {}
    impl<T, E: IntoError> Sealed for core::result::Result<T, E> {}
    impl<T> Sealed for Option<T> {}

    pub trait IntoError {
        fn into_error(self) -> Error;
    }
    impl IntoError for Error {
        fn into_error(self) -> Error {
            self
        }
    }
    impl<E: StdError + Send + Sync + 'static> IntoError for E {
        fn into_error(self) -> Error {
            Error::new(self)
        }
    }
}

/// What the macros call. `anyhow!(value)` keeps an error as a cause, and takes anything else by its text: the
/// call `(&value).kind()` finds `Cause` first, and `Text` where there is none.
#[doc(hidden)]
pub mod made {
    use super::{fmt, Cow, Error};

    #[cold]
    #[inline(never)]
    pub fn of_arguments(message: fmt::Arguments) -> Error {
        Error::said(message.as_str().map_or_else(|| Cow::Owned(message.to_string()), Cow::Borrowed))
    }

    pub struct OfCause;
    pub trait Cause: Sized {
        fn kind(&self) -> OfCause {
            OfCause
        }
    }
    impl<E: Into<Error>> Cause for E {}
    impl OfCause {
        pub fn make(self, cause: impl Into<Error>) -> Error {
            cause.into()
        }
    }

    pub struct OfText;
    pub trait Text: Sized {
        fn kind(&self) -> OfText {
            OfText
        }
    }
    impl<T: ?Sized + fmt::Display> Text for &T {}
    impl OfText {
        pub fn make(self, text: impl fmt::Display) -> Error {
            Error::msg(text)
        }
    }
}

/// An error of a message or a value.
#[macro_export]
macro_rules! anyhow {
    ($message:literal $(,)?) => {
        $crate::made::of_arguments(::std::format_args!($message))
    };
    ($value:expr $(,)?) => {{
        #[allow(unused_imports)]
        use $crate::made::{Cause, Text};
        match $value {
            value => (&value).kind().make(value),
        }
    }};
    ($format:expr, $($argument:tt)*) => {
        $crate::made::of_arguments(::std::format_args!($format, $($argument)*))
    };
}

/// The same by another name.
#[macro_export]
macro_rules! format_err {
    ($($argument:tt)*) => {
        $crate::anyhow!($($argument)*)
    };
}

/// Returns with an error.
#[macro_export]
macro_rules! bail {
    ($($argument:tt)*) => {
        return ::std::result::Result::Err($crate::anyhow!($($argument)*))
    };
}

/// Returns with an error unless a condition holds.
#[macro_export]
macro_rules! ensure {
    ($condition:expr $(,)?) => {
        if !$condition {
            return ::std::result::Result::Err($crate::made::of_arguments(::std::format_args!(
                "Condition failed: `{}`",
                ::std::stringify!($condition)
            )));
        }
    };
    ($condition:expr, $($argument:tt)*) => {
        if !$condition {
            $crate::bail!($($argument)*);
        }
    };
}
