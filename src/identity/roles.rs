//! What a hub role is worth (contract A090, A091, R49).

use crate::types::Role;

/// The rights behind a role word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rights {
    /// The role in this service.
    pub role: Role,
    /// Sees every tenant in the admin API.
    pub super_admin: bool,
    /// In the support team.
    pub support: bool,
}

impl Rights {
    /// The rights of a hub role; a local token uses the same words. Unknown and missing ones get the least right.
    pub fn of_hub_role(word: Option<&str>) -> Self {
        let role = match word {
            Some("super_admin" | "admin") => Role::Admin,
            Some("manager" | "user" | "terminal" | "support") => Role::User,
            _ => Role::Viewer,
        };
        Self {
            role,
            super_admin: word == Some("super_admin"),
            support: word == Some("support"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a090_a091_r49_hub_roles_are_mapped() {
        let rows = [
            (Some("super_admin"), Role::Admin, true, false),
            (Some("admin"), Role::Admin, false, false),
            (Some("manager"), Role::User, false, false),
            (Some("user"), Role::User, false, false),
            (Some("terminal"), Role::User, false, false),
            (Some("viewer"), Role::Viewer, false, false),
            (Some("support"), Role::User, false, true),
            (Some("emperor"), Role::Viewer, false, false),
            (Some("Admin"), Role::Viewer, false, false),
            (Some(""), Role::Viewer, false, false),
            (None, Role::Viewer, false, false),
        ];
        for (word, role, super_admin, support) in rows {
            assert_eq!(
                Rights::of_hub_role(word),
                Rights {
                    role,
                    super_admin,
                    support
                },
                "{word:?}"
            );
        }
    }
}
