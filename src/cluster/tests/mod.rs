mod contexts;
mod refusals;
mod strange_servers;
