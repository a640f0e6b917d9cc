//! Stub.
pub(in super::super) fn translated(error: crate::error::Error) -> crate::error::Error {
    super::super::mojo::error::translated(error)
}
