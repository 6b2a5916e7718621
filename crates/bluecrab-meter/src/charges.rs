//! Where the copy charges for each function, and how much.
//!
//! The instructions of a function are divided among *points*. At a point, the copy charges for all instructions of this
//! point at once. Whenever an instruction runs, its point has run before, in the same round of the innermost loop
//! around it. So every instruction is paid before it runs. If a branch skips instructions of the point, the copy pays
//! for them although they do not run; therefore the instructions after a branch share a point with those before it only
//! if they cost little.

use crate::cost;
use wasmparser::{FunctionBody, Operator};

/// The maximum cost of a point that contains a branch, so that a round may skip a part of its instructions.
const MIXED: u32 = 48;
/// If a function calls nothing, and costs at most this outside of its loops, its callers pay for it.
const SHORT: u32 = 24;

/// An instruction that costs at least this has a point of its own.
const EXPENSIVE: u32 = 64;

/// A place in the code of a function at which the copy charges.
#[derive(Debug, PartialEq, Eq)]
pub struct Point {
    /// The index of the operator before which the charge is made.
    pub before: usize,
    pub cost: u32,
}

/// Returns the points of each defined function.
pub fn of_module(bodies: &[FunctionBody<'_>], imported: u32) -> Result<Vec<Vec<Point>>, wasmparser::Error> {
    let short = bodies.iter().map(cost_of_short).collect::<Result<Vec<_>, _>>()?;
    let of_call = |function: u32| match function.checked_sub(imported) {
        None => cost::IMPORT,
        Some(defined) => short[defined as usize].unwrap_or(0),
    };
    let mut functions = bodies.iter().map(|body| points(body, of_call)).collect::<Result<Vec<_>, _>>()?;
    for (points, short) in functions.iter_mut().zip(&short) {
        if short.is_some() {
            points.remove(0);
        }
        points.retain(|point| point.cost > 0);
    }
    Ok(functions)
}

/// Returns what the callers of a short function pay for it, or `None` if the function pays for itself.
fn cost_of_short(body: &FunctionBody<'_>) -> Result<Option<u32>, wasmparser::Error> {
    for operator in body.get_operators_reader()? {
        if is_call(&operator?) {
            return Ok(None);
        }
    }
    Ok(points(body, |_| 0)?.first().map(|entry| entry.cost).filter(|cost| *cost <= SHORT))
}

fn is_call(operator: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(operator, O::Call { .. } | O::CallIndirect { .. } | O::CallRef { .. })
        || matches!(operator, O::ReturnCall { .. } | O::ReturnCallIndirect { .. } | O::ReturnCallRef { .. })
}

/// Instructions without a branch between them: either all of them run, or no instruction runs.
struct Piece {
    before: usize,
    cost: u32,
    /// The piece that has always run before this one, in the same round of the innermost loop. `None` if this piece
    /// must be a point: the entry, the begin of a loop, or an expensive instruction.
    after: Option<usize>,
}

/// Returns the points of a function in order. The first is its entry. `of_call` says what the function that a call
/// names adds to the call.
fn points(body: &FunctionBody<'_>, of_call: impl Fn(u32) -> u32) -> Result<Vec<Point>, wasmparser::Error> {
    let pieces = pieces(body, of_call)?;
    let mut points: Vec<Point> = Vec::new();
    // The point of each piece.
    let mut place: Vec<usize> = Vec::new();
    for Piece { before, cost, after } in pieces {
        match after.map(|after| place[after]) {
            Some(point) if points[point].cost.saturating_add(cost) <= MIXED => {
                points[point].cost += cost;
                place.push(point);
            }
            _ => {
                place.push(points.len());
                points.push(Point { before, cost });
            }
        }
    }
    Ok(points)
}

fn pieces(body: &FunctionBody<'_>, of_call: impl Fn(u32) -> u32) -> Result<Vec<Piece>, wasmparser::Error> {
    use Operator as O;
    let mut pieces = vec![Piece { before: 0, cost: 0, after: None }];
    let mut current = 0;
    // The piece in which each open block begins. It runs before everything that is in the block or follows it.
    let mut open = Vec::new();
    let mut behind_branch = false;
    for (index, operator) in body.get_operators_reader()?.into_iter().enumerate() {
        let operator = operator?;
        match operator {
            O::Else | O::Catch { .. } | O::CatchAll => current = open.last().copied().unwrap_or(0),
            O::End | O::Delegate { .. } => current = open.pop().unwrap_or(0),
            _ if behind_branch => {
                pieces.push(Piece { before: index, cost: 0, after: Some(current) });
                current = pieces.len() - 1;
            }
            _ => {}
        }
        let cost = match operator {
            // The block was paid at its begin.
            O::Else | O::Catch { .. } | O::CatchAll | O::End | O::Delegate { .. } => 0,
            O::Call { function_index } | O::ReturnCall { function_index } => of_call(function_index).saturating_add(1),
            O::CallIndirect { .. } | O::CallRef { .. } => cost::fixed(&operator) + SHORT,
            O::ReturnCallIndirect { .. } | O::ReturnCallRef { .. } => cost::fixed(&operator) + SHORT,
            _ => cost::fixed(&operator),
        };
        if cost >= EXPENSIVE {
            pieces.push(Piece { before: index, cost, after: None });
        } else {
            // A charge must be a positive i32.
            let sum = &mut pieces[current].cost;
            *sum = sum.saturating_add(cost).min(i32::MAX as u32);
        }
        match operator {
            O::Block { .. } | O::If { .. } | O::Try { .. } | O::TryTable { .. } => open.push(current),
            O::Loop { .. } => {
                open.push(current);
                pieces.push(Piece { before: index + 1, cost: 0, after: None });
                current = pieces.len() - 1;
            }
            _ => {}
        }
        behind_branch = cost == 0 || is_branch(&operator);
    }
    Ok(pieces)
}

/// Whether the instructions after this one may be skipped.
fn is_branch(operator: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(operator, O::If { .. } | O::BrIf { .. } | O::BrOnNull { .. } | O::BrOnNonNull { .. })
}
