//! Answers the portfolio services: prices, rates and holdings from CSV files in `/data`, which it only reads; the
//! ledger and the alerts go to CSV files in `/ledger`.

wit_bindgen::generate!({ path: "../wit", world: "provider" });

use exports::portfolio::valuation::inputs::{self, AccountError, Holding, PriceError};
use exports::portfolio::valuation::outputs::{self, LedgerEntry, Notice, Severity};
use portfolio::valuation::types::{Currency, Month};
use std::fs::OpenOptions;
use std::io::{self, Write};

const DATA: &str = "/data";
const LEDGER: &str = "/ledger";
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

struct Provider;

impl inputs::Guest for Provider {
    fn holdings(account: String) -> Result<Vec<Holding>, AccountError> {
        let rows = rows("holdings.csv").map_err(AccountError::Unavailable)?;
        let own: Vec<_> = rows.iter().filter(|row| row[0] == account).collect();
        if own.is_empty() {
            return Err(AccountError::Unknown);
        }
        own.into_iter().map(|row| holding(row).map_err(AccountError::Unavailable)).collect()
    }

    fn closing_price(symbol: String, month: Month) -> Result<f64, PriceError> {
        let rows = rows("stocks.csv").map_err(PriceError::Unavailable)?;
        let mut listed = rows.iter().filter(|row| row[0] == symbol).peekable();
        if listed.peek().is_none() {
            return Err(PriceError::UnknownSymbol);
        }
        let name = MONTHS.get(usize::from(month.month).wrapping_sub(1)).ok_or(PriceError::NotTraded)?;
        let date = format!("{name} 1 {}", month.year);
        let row = listed.find(|row| row[1] == date).ok_or(PriceError::NotTraded)?;
        number(&row[2]).map_err(PriceError::Unavailable)
    }

    fn exchange_rate(currency: Currency, month: Month) -> Result<f64, PriceError> {
        let code = code(currency);
        let rows = rows("rates.csv").map_err(PriceError::Unavailable)?;
        let year = month.year.to_string();
        let row = rows.iter().find(|row| row[0] == code && row[1] == year).ok_or(PriceError::NotTraded)?;
        number(&row[2]).map_err(PriceError::Unavailable)
    }
}

impl outputs::Guest for Provider {
    fn append(entry: LedgerEntry) -> Result<u64, String> {
        let change = entry.change_percent.map(|change| format!("{change:.2}")).unwrap_or_default();
        let month = text(entry.month);
        let line =
            format!("{},{month},{},{},{change}", entry.account, code(entry.currency), entry.total_cents);
        write("ledger.csv", &line).map_err(|error| format!("cannot write the ledger: {error}"))
    }

    fn alert(notice: Notice) {
        let Notice { account, month, severity, text: words } = notice;
        let severity = match severity {
            Severity::Notice => "notice",
            Severity::Urgent => "urgent",
        };
        let line = format!("{account},{},{severity},{words}", text(month));
        if let Err(error) = write("alerts.csv", &line) {
            eprintln!("cannot write the alert `{line}`: {error}");
        }
    }
}

/// The lines of a file after its header, split at commas. None of the files has quoted fields.
fn rows(name: &str) -> Result<Vec<[String; 4]>, String> {
    let path = format!("{DATA}/{name}");
    let content = std::fs::read_to_string(&path).map_err(|error| format!("cannot read {path}: {error}"))?;
    Ok(content
        .lines()
        .skip(1)
        .map(|line| {
            let mut fields = line.split(',').map(str::to_owned);
            std::array::from_fn(|_| fields.next().unwrap_or_default())
        })
        .collect())
}

fn holding(row: &[String; 4]) -> Result<Holding, String> {
    let [_, symbol, shares, acquired] = row;
    let (year, month) = acquired.split_once('-').ok_or_else(|| format!("`{acquired}` is not a month"))?;
    let acquired = Month { year: number(year)?, month: number(month)? };
    Ok(Holding { symbol: symbol.clone(), shares: number(shares)?, acquired })
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number"))
}

/// Adds a line to a file of the ledger folder; returns the line's number.
fn write(name: &str, line: &str) -> io::Result<u64> {
    let path = format!("{LEDGER}/{name}");
    writeln!(OpenOptions::new().append(true).create(true).open(&path)?, "{line}")?;
    let content = std::fs::read(&path)?;
    Ok(content.iter().filter(|byte| **byte == b'\n').count() as u64)
}

fn code(currency: Currency) -> &'static str {
    match currency {
        Currency::Usd => "USD",
        Currency::Eur => "EUR",
        Currency::Gbp => "GBP",
    }
}

fn text(month: Month) -> String {
    format!("{}-{:02}", month.year, month.month)
}

export!(Provider);
