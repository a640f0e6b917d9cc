//! `load notify`: what accepting and delivering a notification costs.

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::{Value, json};

use crate::{
    http::{Base, Call, Connection},
    send::direct_call,
    stats::unix_nanos,
    turns::{Meter, Plan, Side, compare},
};

/// The satellite that the notifications are said to come from.
const SOURCE: &str = "load";

/// What `load notify` needs to know.
#[derive(Args, Debug)]
pub struct NotifyArgs {
    /// The service, http://host:port
    #[arg(long)]
    service: String,
    /// The satellites' token
    #[arg(long, env = "MESSENGER_SERVICE_TOKEN", hide_env_values = true)]
    service_token: String,
    /// Process id of the service
    #[arg(long)]
    service_pid: u32,
    /// The homeserver itself: compares with a plain message in the same room by the same sender
    #[arg(long, requires = "as_token")]
    homeserver: Option<String>,
    /// The appservice's token at the homeserver
    #[arg(long, env = "MATRIX_AS_TOKEN", hide_env_values = true)]
    as_token: Option<String>,
    /// Name of the homeserver
    #[arg(long, env = "MATRIX_SERVER_NAME", default_value = "hub.local")]
    server_name: String,
    /// Process id of the homeserver, to see its CPU time as well
    #[arg(long)]
    homeserver_pid: Option<u32>,
    /// Tenant whose general room they go to
    #[arg(long, default_value_t = 1)]
    tenant: i64,
    /// Numbers of clients to try, with commas between
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16], value_parser = crate::count_up_to::<256>)]
    clients: Vec<usize>,
    /// Rounds of each side
    #[arg(long, default_value_t = 5, value_parser = crate::count_up_to::<1000>)]
    rounds: usize,
    /// Notifications of a round, all clients together
    #[arg(long, default_value_t = 300, value_parser = crate::count_up_to::<1_000_000>)]
    per_round: usize,
}

/// Runs it and answers the JSON report.
pub async fn run(args: &NotifyArgs) -> Result<Value> {
    let meter = Meter::open(args.service_pid, args.homeserver_pid)?;
    let service = Base::parse(&args.service)?;
    let plan = Plan {
        rounds: args.rounds,
        per_round: args.per_round as u64,
    };
    let room = first(&service, &args.service_token, args.tenant).await?;
    let mut reports = Vec::new();
    for &clients in &args.clients {
        let (token, tenant) = (args.service_token.clone(), args.tenant);
        let make = move |_: usize, number: u64| notification(&token, tenant, number);
        let mut sides = vec![Side {
            name: "service",
            base: service.clone(),
            make: Box::new(make),
        }];
        if let (Some(homeserver), Some(as_token)) = (&args.homeserver, &args.as_token) {
            let sender = format!("@app_{SOURCE}:{}", args.server_name);
            let (room, as_token, run) = (room.clone(), as_token.clone(), unix_nanos());
            let make = move |_: usize, number: u64| {
                direct_call(
                    &room,
                    &sender,
                    &format!("load-{run}-{number}"),
                    &as_token,
                    &text(number),
                )
            };
            sides.push(Side {
                name: "homeserver",
                base: Base::parse(homeserver)?,
                make: Box::new(make),
            });
        }
        reports.push(compare(plan, clients, sides, meter).await?);
    }
    Ok(Value::from(reports))
}

/// The first notification, which makes the room and the sender, is not measured. Answers the room.
async fn first(service: &Base, token: &str, tenant: i64) -> Result<String> {
    let answer = Connection::new(service)
        .call(notification(token, tenant, 0)?)
        .await?;
    if answer.status == http::StatusCode::ACCEPTED {
        bail!(
            "the first notification was only queued (202): is the homeserver up and the service registered there?"
        );
    }
    let room = answer.json()?["matrix_room_id"].as_str().map(str::to_owned);
    room.context("a notification was answered without matrix_room_id")
}

fn text(number: u64) -> String {
    format!("Number {number:09}: machine CNC-01 has reported a fault.")
}

/// A notification to the general room (contract A022 to A035).
fn notification(token: &str, tenant: i64, number: u64) -> Result<Call> {
    let body = json!({
        "source_app": SOURCE,
        "event_type": "notification",
        "title": "Machine stopped",
        "body": text(number),
        "target_type": "general",
        "priority": "normal",
        "tenant_id": tenant,
    });
    Call::post("/api/v1/notifications/send", &body).header("x-service-token", token)
}
