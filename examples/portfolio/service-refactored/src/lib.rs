//! The service rearranged: prices are asked for in order of `acquired`, a field it did not read before, and before the
//! rate. What it returns, enters and warns of is the same.

wit_bindgen::generate!({ path: "../wit", world: "service" });

use portfolio::valuation::api::{DropLimit, Missing, Options, Position};
use portfolio::valuation::inputs::{self, AccountError, Holding, PriceError};
use portfolio::valuation::outputs::{self, LedgerEntry, Notice, Severity};
use portfolio::valuation::types::{Currency, Month};

struct Service;

impl Guest for Service {
    fn value(request: ValuationRequest) -> Result<Valuation, ValuationError> {
        check(request.month)?;
        if let Some(limit) = &request.limit {
            check(limit.against)?;
        }
        let holdings = inputs::holdings(&request.account)?;
        let valued = valued(&holdings, request.currency, request.month)?;
        let total_cents = total(&valued);

        let change_percent = match &request.limit {
            Some(limit) => change(&holdings, request.currency, limit, total_cents)?,
            None => None,
        };
        let ledger_line = match request.options.contains(Options::DRY_RUN) {
            true => None,
            false => Some(enter(&request, total_cents, change_percent)?),
        };
        if let (Some(limit), Some(change)) = (&request.limit, change_percent) {
            warn(&request, limit, change);
        }

        let positions = match request.options.contains(Options::POSITIONS) {
            true => valued.into_iter().map(Position::from).collect(),
            false => Vec::new(),
        };
        Ok(Valuation { total_cents, positions, change_percent, ledger_line })
    }
}

/// A holding and what it is worth, not rounded yet.
struct Valued {
    symbol: String,
    shares: f64,
    amount: f64,
}

impl From<Valued> for Position {
    fn from(valued: Valued) -> Self {
        Position { symbol: valued.symbol, shares: valued.shares, cents: cents(valued.amount) }
    }
}

fn check(month: Month) -> Result<(), ValuationError> {
    match month.month {
        1..=12 => Ok(()),
        _ => Err(ValuationError::InvalidMonth(month)),
    }
}

/// Looks everything up before it judges anything, so that an error names all that is missing.
fn valued(holdings: &[Holding], currency: Currency, month: Month) -> Result<Vec<Valued>, ValuationError> {
    // The oldest holding is priced first; the list stays as it is.
    let mut order: Vec<_> = (0..holdings.len()).collect();
    order.sort_by_key(|&index| (holdings[index].acquired.year, holdings[index].acquired.month));
    let mut prices = vec![None; holdings.len()];
    for index in order {
        prices[index] = price(&holdings[index].symbol, month)?;
    }
    let rate = rate(currency, month)?;

    let no_rate = rate.is_none().then_some(Missing::Rate(currency));
    let no_price = holdings.iter().zip(&prices).filter(|(_, price)| price.is_none());
    let missing: Vec<_> =
        no_rate.into_iter().chain(no_price.map(|(h, _)| Missing::Price(h.symbol.clone()))).collect();
    let (Some(rate), true) = (rate, missing.is_empty()) else {
        return Err(ValuationError::Missing((month, missing)));
    };

    let priced = holdings.iter().zip(prices.into_iter().flatten());
    Ok(priced
        .map(|(holding, price)| Valued {
            symbol: holding.symbol.clone(),
            shares: holding.shares,
            amount: holding.shares * price * rate,
        })
        .collect())
}

/// The sum of the positions as they are listed: each rounded to whole cents.
fn total(valued: &[Valued]) -> i64 {
    valued.iter().map(|valued| cents(valued.amount)).sum()
}

fn change(
    holdings: &[Holding],
    currency: Currency,
    limit: &DropLimit,
    total_cents: i64,
) -> Result<Option<f64>, ValuationError> {
    let before = total(&valued(holdings, currency, limit.against)?);
    // Two digits are enough for anybody, and zero is not a base for a percentage.
    Ok((before != 0).then(|| ((total_cents - before) as f64 / before as f64 * 10_000.0).round() / 100.0))
}

fn enter(
    request: &ValuationRequest,
    total_cents: i64,
    change_percent: Option<f64>,
) -> Result<u64, ValuationError> {
    outputs::append(&LedgerEntry {
        account: request.account.clone(),
        month: request.month,
        currency: request.currency,
        total_cents,
        change_percent,
    })
    .map_err(ValuationError::Unavailable)
}

fn warn(request: &ValuationRequest, limit: &DropLimit, change: f64) {
    let severity = match -change {
        loss if loss > 2.0 * limit.percent => Severity::Urgent,
        loss if loss > limit.percent => Severity::Notice,
        _ => return,
    };
    let Month { year, month } = limit.against;
    let text = format!("{} lost {:.2} % since {year}-{month:02}", request.account, -change);
    outputs::alert(&Notice { account: request.account.clone(), month: request.month, severity, text });
}

/// `None` when there is no such price: that is the caller's business, not a failure.
fn price(symbol: &str, month: Month) -> Result<Option<f64>, ValuationError> {
    found(inputs::closing_price(symbol, month))
}

fn rate(currency: Currency, month: Month) -> Result<Option<f64>, ValuationError> {
    match currency {
        Currency::Usd => Ok(Some(1.0)),
        _ => found(inputs::exchange_rate(currency, month)),
    }
}

fn found(answer: Result<f64, PriceError>) -> Result<Option<f64>, ValuationError> {
    match answer {
        Ok(price) => Ok(Some(price)),
        Err(PriceError::UnknownSymbol | PriceError::NotTraded) => Ok(None),
        Err(PriceError::Unavailable(why)) => Err(ValuationError::Unavailable(why)),
    }
}

fn cents(amount: f64) -> i64 {
    (amount * 100.0).round() as i64
}

impl From<AccountError> for ValuationError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Unknown => ValuationError::UnknownAccount,
            AccountError::Unavailable(why) => ValuationError::Unavailable(why),
        }
    }
}

export!(Service);
