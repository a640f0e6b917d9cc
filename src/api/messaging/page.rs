//! Pages by number: contract C013, C015, C030, C032, R9.

use super::super::extract;
use crate::error::{Error, Result};

/// The most that a page holds.
const MAX_LIMIT: i64 = 100;

/// A page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    /// How many come before it.
    pub(super) skip: i64,
    /// How many it holds.
    pub(super) limit: i64,
}

impl Page {
    /// Page `number` (the first is 1, and the default) of `limit` items, 1 to 100.
    pub(super) fn new(number: Option<i64>, limit: Option<i64>, default_limit: i64) -> Result<Self> {
        let limit = extract::limit_within(limit, default_limit, MAX_LIMIT)?;
        match number.unwrap_or(1) {
            number @ 1.. => Ok(Self {
                // Nothing is as long as what does not fit.
                skip: (number - 1).saturating_mul(limit),
                limit,
            }),
            _ => Err(Error::invalid("page", "must be at least 1")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contract C013, C032.
    #[test]
    fn c032_pages_are_counted_from_one() {
        let page = |number, limit| Page::new(number, limit, 20).map(|page| (page.skip, page.limit));
        assert_eq!(page(None, None).unwrap(), (0, 20));
        assert_eq!(page(Some(3), Some(50)).unwrap(), (100, 50));
        assert_eq!(page(Some(i64::MAX), Some(100)).unwrap(), (i64::MAX, 100));
        for (number, limit, field) in [
            (Some(0), None, "page"),
            (Some(-1), None, "page"),
            (None, Some(0), "limit"),
            (None, Some(101), "limit"),
            (None, Some(-5), "limit"),
        ] {
            match page(number, limit) {
                Err(Error::Invalid { field: named, .. }) => assert_eq!(named, field),
                other => panic!("{other:?}"),
            }
        }
    }
}
