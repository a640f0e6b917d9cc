//! Who may write to whom (contract B059 to B065, R38, R52).
//!
//! Rules are rows of the table `"MessagingRule"`. The pure part of this file reads them ([`Rule::read`]) and decides
//! ([`RuleSet::decide`]); [`Core::verdict`] adds what two people have agreed on: a contact, a block. Direct rooms ask when
//! they are opened and for each message and sign of typing, groups when somebody is put in.

use std::fmt::Write as _;
use std::sync::Arc;

use super::Core;
use super::people::is_person;
use crate::error::{Error, Result};
use crate::identity::Principal;
use crate::store::{Person, Room, RuleRow, Tie};
use crate::types::{OrgRole, PersonId, RoomKind, Source, TenantId};

mod why;

pub use why::{Who, Why};

/// Roles of a person in the rules, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Roles(u8);

impl Roles {
    /// No role; in a rule: whoever it is.
    pub const NONE: Self = Self(0);
    /// Owns an organisation.
    pub const OWNER: Self = Self(1);
    /// Administers an organisation.
    pub const ADMIN: Self = Self(2);
    /// Belongs to an organisation; everybody has it.
    pub const MEMBER: Self = Self(4);
    /// Is in the support team.
    pub const SUPPORT: Self = Self(8);
    /// Runs the platform.
    pub const PLATFORM_ADMIN: Self = Self(16);

    const WORDS: [(&'static str, Self); 5] = [
        ("owner", Self::OWNER),
        ("admin", Self::ADMIN),
        ("member", Self::MEMBER),
        ("support", Self::SUPPORT),
        ("platform_admin", Self::PLATFORM_ADMIN),
    ];

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether these roles are enough where `wanted` are asked for: one of them, or none.
    const fn suffice(self, wanted: Self) -> bool {
        wanted.0 == 0 || self.0 & wanted.0 != 0
    }

    /// The words of the roles, the highest first.
    pub fn words(self) -> Vec<&'static str> {
        let known = Self::WORDS.iter().filter(|(_, role)| self.0 & role.0 != 0);
        known.map(|(word, _)| *word).collect()
    }

    /// The roles of these words; the first word that is none.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, &'a str> {
        let mut roles = Self::NONE;
        for word in words {
            let known = Self::WORDS.iter().find(|(known, _)| *known == word);
            roles = roles.and(known.ok_or(word)?.1);
        }
        Ok(roles)
    }
}

/// Whom one side of a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Both people belong to one tenant; roles are those they have there.
    Tenant,
    /// Anybody; roles are those they have anywhere.
    Platform,
    /// The support team.
    Support,
}

impl Scope {
    /// The scope of a word.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "tenant" => Some(Self::Tenant),
            "platform" => Some(Self::Platform),
            "support" => Some(Self::Support),
            _ => None,
        }
    }
}

/// A rule that can be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    source: (Scope, Roles),
    target: (Scope, Roles),
    require_approval: bool,
    priority: i64,
}

impl Rule {
    /// Reads a row; in words what is wrong with it. A rule that cannot be read never matches: better nobody is let in than
    /// the wrong ones.
    pub fn read(row: &RuleRow) -> Result<Self, String> {
        let side = |name: &str, scope: &str, roles: &str| {
            let scope = Scope::parse(scope)
                .ok_or_else(|| format!("{name}Scope {scope:?} is not one of tenant, platform, support"))?;
            let words: Vec<String> = serde_json::from_str(roles)
                .map_err(|_| format!("{name}Roles {roles:?} is not a JSON array of words"))?;
            let roles = Roles::of(words.iter().map(String::as_str)).map_err(|word| {
                format!(
                    "{name}Roles names {word:?}, which is not one of owner, admin, member, support, platform_admin"
                )
            })?;
            Ok::<_, String>((scope, roles))
        };
        if row.id.is_empty() {
            return Err("it has no id".into());
        }
        Ok(Self {
            source: side("source", &row.source_scope, &row.source_roles)?,
            target: side("target", &row.target_scope, &row.target_roles)?,
            require_approval: flag(&row.require_approval).ok_or_else(|| {
                format!(
                    "requireApproval {:?} is neither true nor false",
                    row.require_approval
                )
            })?,
            priority: row
                .priority
                .parse()
                .map_err(|_| format!("priority {:?} is not an integer", row.priority))?,
        })
    }

    /// Whether the rule is about a message from one to the other; else why not.
    fn matches(&self, from: &Party, to: &Party) -> Result<(), Why> {
        let (source_scope, source_roles) = self.source;
        let (target_scope, target_roles) = self.target;
        for (scope, party, who) in [
            (source_scope, from, Who::Sender),
            (target_scope, to, Who::Receiver),
        ] {
            if scope == Scope::Support && !party.support {
                return Err(Why::NotInSupport(who));
            }
        }
        let lacks = |who, roles, in_common| Why::Lacks {
            who,
            roles,
            in_common,
        };
        if source_scope != Scope::Tenant && target_scope != Scope::Tenant {
            if !from.anywhere().suffice(source_roles) {
                return Err(lacks(Who::Sender, source_roles, false));
            }
            if !to.anywhere().suffice(target_roles) {
                return Err(lacks(Who::Receiver, target_roles, false));
            }
            return Ok(());
        }
        let in_place = |scope: Scope, party: &Party, there: Roles| match scope {
            Scope::Tenant => there.and(party.everywhere),
            Scope::Platform | Scope::Support => party.anywhere(),
        };
        let (mut together, mut sender_fits) = (false, false);
        for (tenant, from_roles) in &from.tenants {
            let Some((_, to_roles)) = to.tenants.iter().find(|(theirs, _)| theirs == tenant) else {
                continue;
            };
            together = true;
            if !in_place(source_scope, from, *from_roles).suffice(source_roles) {
                continue;
            }
            sender_fits = true;
            if in_place(target_scope, to, *to_roles).suffice(target_roles) {
                return Ok(());
            }
        }
        Err(match (together, sender_fits) {
            (false, _) => Why::NoneInCommon,
            (true, false) => lacks(Who::Sender, source_roles, true),
            (true, true) => lacks(Who::Receiver, target_roles, true),
        })
    }
}

/// A truth value as either database writes it, or as somebody typed it into a column that takes anything.
fn flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "t" => Some(true),
        "0" | "false" | "f" => Some(false),
        _ => None,
    }
}

/// A person as the rules see them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Party {
    /// The tenants they belong to, and what they are there.
    pub tenants: Vec<(TenantId, Roles)>,
    /// What they are in each of them and beside them.
    pub everywhere: Roles,
    /// Whether they are in the support team.
    pub support: bool,
}

impl Party {
    /// What they are anywhere.
    pub fn anywhere(&self) -> Roles {
        let all = self.tenants.iter().map(|(_, roles)| *roles);
        all.fold(self.everywhere.and(Roles::MEMBER), Roles::and)
    }

    /// Whether they belong to a tenant.
    pub fn is_of(&self, tenant: &TenantId) -> bool {
        self.tenants.iter().any(|(own, _)| own == tenant)
    }

    /// Whether both belong to some tenant.
    pub fn shares_tenant(&self, other: &Self) -> bool {
        self.tenants.iter().any(|(tenant, _)| other.is_of(tenant))
    }
}

/// All rules, in the order in which they decide.
#[derive(Debug, Default)]
pub struct RuleSet {
    rules: Vec<ReadRule>,
}

/// A row with what it says.
#[derive(Debug, Clone)]
pub struct ReadRule {
    /// As it stands in the table.
    pub row: RuleRow,
    /// The rule; in words why it is none.
    pub rule: Result<Rule, String>,
    /// Whether it is switched on.
    pub active: bool,
}

impl ReadRule {
    /// Reads a row.
    pub fn new(row: RuleRow) -> Self {
        let active = flag(&row.active);
        let rule = match active {
            Some(_) => Rule::read(&row),
            None => Err(format!("isActive {:?} is neither true nor false", row.active)),
        };
        Self {
            rule,
            active: active.unwrap_or(false),
            row,
        }
    }

    /// The number that orders the rules; a rule whose own cannot be read comes last.
    pub fn priority(&self) -> i64 {
        self.row.priority.parse().unwrap_or(i64::MIN)
    }

    /// Whether it asks for an accepted contact request.
    pub fn requires_approval(&self) -> bool {
        flag(&self.row.require_approval).unwrap_or(true)
    }
}

/// What a rule said to a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The rule.
    pub rule: String,
    /// Its name.
    pub name: String,
    /// Its priority.
    pub priority: i64,
    /// Whether it is about the case, and why.
    pub why: Why,
}

/// The rule that decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision<'a> {
    /// Its id.
    pub rule: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Whether a contact request has to be accepted first.
    pub require_approval: bool,
}

impl RuleSet {
    /// Reads the rows of the table, in any order.
    pub fn new(rows: Vec<RuleRow>) -> Self {
        let mut rules: Vec<ReadRule> = rows.into_iter().map(ReadRule::new).collect();
        rules.sort_by(|one, other| {
            let by_priority = other.priority().cmp(&one.priority());
            by_priority.then_with(|| one.row.id.cmp(&other.row.id))
        });
        Self { rules }
    }

    /// The rules, in the order in which they decide.
    pub fn rules(&self) -> &[ReadRule] {
        &self.rules
    }

    /// The first rule that is about a message from one to the other: of the highest priority, and of several of those the
    /// one whose id comes first. `None`: no rule allows it.
    pub fn decide(&self, from: &Party, to: &Party) -> Option<Decision<'_>> {
        let mut rules = self.rules.iter().filter(|read| read.active);
        rules.find_map(|read| {
            let rule = read.rule.as_ref().ok()?;
            rule.matches(from, to).ok()?;
            Some(Decision {
                rule: &read.row.id,
                name: &read.row.name,
                require_approval: rule.require_approval,
            })
        })
    }

    /// What each rule says to the case, in the order in which they decide: the first that matches does.
    pub fn steps(&self, from: &Party, to: &Party) -> Vec<Step> {
        let steps = self.rules.iter().map(|read| {
            let why = match &read.rule {
                Err(wrong) => Why::Unreadable(wrong.clone()),
                Ok(_) if !read.active => Why::Off,
                Ok(rule) => match rule.matches(from, to) {
                    Err(why) => why,
                    Ok(()) if rule.require_approval => Why::Asks,
                    Ok(()) => Why::Allows,
                },
            };
            Step {
                rule: read.row.id.clone(),
                name: read.row.name.clone(),
                priority: read.priority(),
                why,
            }
        });
        steps.collect()
    }
}

/// Whether one may write to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A rule allows it.
    Allowed {
        /// The rule's id.
        rule: String,
    },
    /// They have an accepted contact request, whoever asked.
    Contact,
    /// A rule allows it once a contact request is accepted.
    NeedsApproval {
        /// The rule's id.
        rule: String,
    },
    /// No rule allows it.
    Denied {
        /// Whether they share a tenant. Who does not is to look as if they did not exist.
        known: bool,
    },
    /// One of them has blocked the other.
    Blocked {
        /// Whether it was the one who wants to write.
        by_sender: bool,
    },
}

impl Verdict {
    /// Whether a message may go out.
    pub fn allows(&self) -> bool {
        matches!(self, Self::Allowed { .. } | Self::Contact)
    }

    /// A stable word: `allowed`, `contact`, `approval_required`, `denied`, `blocked_by_you` or `blocked`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Allowed { .. } => "allowed",
            Self::Contact => "contact",
            Self::NeedsApproval { .. } => "approval_required",
            Self::Denied { .. } => "denied",
            Self::Blocked { by_sender: true } => "blocked_by_you",
            Self::Blocked { by_sender: false } => "blocked",
        }
    }

    /// The reason, for the one who wants to write.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Allowed { .. } => "A rule allows it",
            Self::Contact => "You are contacts",
            Self::NeedsApproval { .. } => "Contact request required",
            Self::Denied { .. } => "No rule allows you to write to this person",
            Self::Blocked { by_sender: true } => "You have blocked this person",
            Self::Blocked { by_sender: false } => "This person does not take messages from you",
        }
    }

    /// The refusal.
    pub fn error(&self) -> Error {
        Error::Denied {
            code: self.code(),
            message: self.reason().to_owned(),
        }
    }

    /// What holds, from the rules and from what the two have between them. Somebody of a foreign tenant whom no rule leads
    /// to is not betrayed by their block, either.
    fn of(decision: Option<Decision<'_>>, known: bool, tie: Tie) -> Self {
        let base = match decision {
            _ if tie.contact => Self::Contact,
            Some(decision) if decision.require_approval => Self::NeedsApproval {
                rule: decision.rule.to_owned(),
            },
            Some(decision) => Self::Allowed {
                rule: decision.rule.to_owned(),
            },
            None => Self::Denied { known },
        };
        match base {
            Self::Denied { known: false } if !tie.blocks => base,
            _ if tie.blocks => Self::Blocked { by_sender: true },
            _ if tie.blocked => Self::Blocked { by_sender: false },
            base => base,
        }
    }
}

/// A verdict with all that led to it.
#[derive(Debug, Clone)]
pub struct Explained {
    /// What holds.
    pub verdict: Verdict,
    /// The rule that decided, if one did.
    pub rule: Option<String>,
    /// What each rule said.
    pub steps: Vec<Step>,
    /// The sender as the rules see them.
    pub from: Party,
    /// The receiver.
    pub to: Party,
}

impl Core {
    /// The rules, remembered for five seconds.
    pub(super) async fn rules(&self) -> Result<Arc<RuleSet>> {
        if let Some(rules) = self.rules.get(&()).await {
            return Ok(rules);
        }
        let rules = Arc::new(RuleSet::new(self.store.rules().await?));
        for read in rules.rules() {
            if let Err(wrong) = &read.rule {
                self.complain_once(&read.row.id, wrong);
            }
        }
        self.rules.insert((), rules.clone()).await;
        Ok(rules)
    }

    /// Says in the log that a rule is none; the same only once.
    fn complain_once(&self, rule: &str, wrong: &str) {
        let mut said = String::with_capacity(rule.len() + wrong.len() + 1);
        // Writing to a String cannot fail.
        let _ = write!(said, "{rule}\n{wrong}");
        if !self.complained.contains_key(&said) {
            tracing::warn!(
                rule,
                wrong,
                "a rule of MessagingRule cannot be read and never matches"
            );
            self.complained.insert(said, ());
        }
    }

    /// A person as the rules see them.
    pub(super) async fn party(&self, person: &Person) -> Result<Party> {
        let mut everywhere = Roles::NONE;
        if person.super_admin {
            everywhere = everywhere.and(Roles::PLATFORM_ADMIN).and(Roles::ADMIN);
        }
        if person.support {
            everywhere = everywhere.and(Roles::SUPPORT);
        }
        Ok(Party {
            tenants: self.tenants_of(person).await?,
            everywhere,
            support: person.support,
        })
    }

    async fn tenants_of(&self, person: &Person) -> Result<Vec<(TenantId, Roles)>> {
        let organisations = self.organisations_of(&person.person_id).await?;
        let roles = organisations.iter().map(|organisation| {
            // Who owns an organisation administers it, too (contract R52).
            let roles = match organisation.role {
                OrgRole::Owner => Roles::OWNER.and(Roles::ADMIN),
                OrgRole::Admin => Roles::ADMIN,
                OrgRole::Member => Roles::NONE,
            };
            (organisation.tenant.clone(), roles.and(Roles::MEMBER))
        });
        Ok(roles.collect())
    }

    /// Whether one may write to another (contract B058).
    pub async fn verdict(&self, from: &Principal, to: &Person) -> Result<Verdict> {
        let sender = self.remembered(&from.person_id).await?;
        let sender = sender.ok_or(Error::NotFound("person"))?;
        self.verdict_between(&sender, to).await
    }

    pub(super) async fn verdict_between(&self, from: &Person, to: &Person) -> Result<Verdict> {
        let tie = self.tie(&from.person_id, &to.person_id).await?;
        let (sender, receiver) = (self.party(from).await?, self.party(to).await?);
        let rules = self.rules().await?;
        let known = sender.shares_tenant(&receiver);
        Ok(Verdict::of(rules.decide(&sender, &receiver), known, tie))
    }

    /// The same with all that led to it.
    pub(super) async fn explain(&self, from: &Person, to: &Person) -> Result<Explained> {
        let tie = self.tie(&from.person_id, &to.person_id).await?;
        let (from, to) = (self.party(from).await?, self.party(to).await?);
        let rules = self.rules().await?;
        let decision = rules.decide(&from, &to);
        Ok(Explained {
            verdict: Verdict::of(decision, from.shares_tenant(&to), tie),
            rule: decision.map(|decision| decision.rule.to_owned()),
            steps: rules.steps(&from, &to),
            from,
            to,
        })
    }

    /// The same for an id, with the person when the caller may know that there is one. Unknown people and those of a
    /// foreign tenant to whom no rule leads are alike, also in what it takes to find out.
    pub async fn verdict_on(
        &self,
        principal: &Principal,
        id: &PersonId,
    ) -> Result<(Verdict, Option<Arc<Person>>)> {
        let found = self.store.person(id).await?.filter(is_person);
        // Of somebody who is not there everything is asked for just the same.
        let person = match &found {
            Some(person) => person.clone(),
            None => self.nobody(id),
        };
        let verdict = self.verdict(principal, &person).await?;
        Ok(match found {
            Some(person) if verdict != (Verdict::Denied { known: false }) => {
                (verdict, Some(Arc::new(person)))
            }
            _ => (Verdict::Denied { known: false }, None),
        })
    }

    /// Somebody who does not exist, as the rules see them.
    fn nobody(&self, id: &PersonId) -> Person {
        // No tenant is called that, so they share none.
        let tenant = TenantId::from("\n");
        crate::store::Store::stranger(id.clone(), "", tenant, Source::Matrix, self.clock.now())
    }

    /// The person, when the caller may open a direct room with them or put them into a group. Who is not known, or of a
    /// foreign tenant and out of reach, is not found; who is known and out of reach is refused in words.
    pub async fn may_be_written(&self, principal: &Principal, id: &PersonId) -> Result<Arc<Person>> {
        match self.verdict_on(principal, id).await? {
            (verdict, Some(person)) if verdict.allows() => Ok(person),
            (verdict, Some(_)) => Err(verdict.error()),
            (_, None) => Err(Error::NotFound("person")),
        }
    }

    /// Refuses a message into a direct room whose two may not write to each other. What one of them may begin, the other
    /// may answer. In all other rooms membership decides.
    pub(super) async fn may_say(&self, principal: &Principal, room: &Room) -> Result<()> {
        let Some(other) = partner(room, &principal.person_id) else {
            return Ok(());
        };
        let Some(other) = self.remembered(&other).await? else {
            return Ok(());
        };
        // Satellites and the service are not asked, and neither is who was never here.
        if !other.source.signs_in() {
            return Ok(());
        }
        let verdict = self.verdict(principal, &other).await?;
        if verdict.allows() {
            return Ok(());
        }
        let answers = !matches!(verdict, Verdict::Blocked { .. })
            && match self.remembered(&principal.person_id).await? {
                Some(sender) => self.verdict_between(&other, &sender).await?.allows(),
                None => false,
            };
        if answers { Ok(()) } else { Err(verdict.error()) }
    }

    /// The same for a room by id, as the gateway knows it.
    pub async fn may_say_in(&self, principal: &Principal, room: &crate::types::RoomId) -> Result<()> {
        match self.known_room(room).await? {
            Some(room) => self.may_say(principal, &room).await,
            None => Ok(()),
        }
    }
}

/// The other one of a direct room of two; read from its key, which costs nothing.
fn partner(room: &Room, person: &PersonId) -> Option<PersonId> {
    if room.kind != RoomKind::Dm {
        return None;
    }
    let (one, other) = room.room_key.as_deref()?.strip_prefix("dm:")?.split_once('\t')?;
    Some(if one == person.as_str() { other } else { one }.into())
}

#[cfg(test)]
mod tests;
