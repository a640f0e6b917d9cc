//! What a rule says to a case: why it is about the two, or is not.

use std::fmt;

use super::Roles;

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Who wants to write.
    Sender,
    /// To whom.
    Receiver,
}

/// Why. In words by its `Display`, in English; programs that have words of their own go by [`Why::code`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It is about the two and allows it.
    Allows,
    /// It is about the two and wants a contact request to be accepted first.
    Asks,
    /// It is switched off.
    Off,
    /// It cannot be read; in words what is wrong.
    Unreadable(String),
    /// It is about people of one tenant, and the two have none in common.
    NoneInCommon,
    /// It is about the support team.
    NotInSupport(Who),
    /// It wants one of these roles.
    Lacks {
        /// Who has none of them.
        who: Who,
        /// The roles.
        roles: Roles,
        /// Whether only those count that they have in a tenant of both.
        in_common: bool,
    },
}

impl Why {
    /// Whether the rule is about the two.
    pub fn matches(&self) -> bool {
        matches!(self, Self::Allows | Self::Asks)
    }

    /// A stable word.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Allows => "allows",
            Self::Asks => "asks",
            Self::Off => "off",
            Self::Unreadable(_) => "unreadable",
            Self::NoneInCommon => "none_in_common",
            Self::NotInSupport(Who::Sender) => "sender_not_in_support",
            Self::NotInSupport(Who::Receiver) => "receiver_not_in_support",
            Self::Lacks { who, in_common, .. } => match (who, in_common) {
                (Who::Sender, false) => "sender_lacks_role",
                (Who::Receiver, false) => "receiver_lacks_role",
                (Who::Sender, true) => "sender_lacks_role_in_common",
                (Who::Receiver, true) => "receiver_lacks_role_in_common",
            },
        }
    }

    /// The roles of which somebody has none.
    pub fn roles(&self) -> Roles {
        match self {
            Self::Lacks { roles, .. } => *roles,
            _ => Roles::NONE,
        }
    }

    /// What is wrong with a rule that cannot be read.
    pub fn wrong(&self) -> Option<&str> {
        match self {
            Self::Unreadable(wrong) => Some(wrong),
            _ => None,
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sender => "the sender",
            Self::Receiver => "the receiver",
        })
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allows => f.write_str("it is about them and allows it"),
            Self::Asks => f.write_str("it is about them and asks for an accepted contact request"),
            Self::Off => f.write_str("it is switched off"),
            Self::Unreadable(wrong) => write!(f, "it cannot be read: {wrong}"),
            Self::NoneInCommon => f.write_str("they belong to no common organisation"),
            Self::NotInSupport(who) => write!(f, "{who} is not in the support team"),
            Self::Lacks {
                who,
                roles,
                in_common,
            } => {
                let place = if *in_common {
                    " of an organisation that both belong to"
                } else {
                    ""
                };
                write!(f, "{who} is not {}{place}", roles.words().join(" or "))
            }
        }
    }
}
