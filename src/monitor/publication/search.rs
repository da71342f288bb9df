//! How much a reader can find out about hidden numbers.
//!
//! A hidden number is safe when there are other tables of whole numbers that look exactly the same to
//! a reader, and in which it is something else. Such tables are looked for here, by changing hidden
//! numbers along a path of relations so that every shown sum stays what it is. What is found is a
//! proof; what is not found counts as not there. So a search that misses something hides more, never
//! less.

use super::relations::{Kind, Relation, Relations};

/// How far a number can go down and up from its value in other tables that look the same.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Range {
    pub down: i64,
    pub up: i64,
}

/// How wide a range must be, and how far it must go up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Need {
    pub width: i64,
    pub up: i64,
}

impl Range {
    /// How much is missing when only going up, or only going down, can help.
    pub(super) fn missing(self, need: Need, way: i64) -> i64 {
        let missing = need.width.saturating_sub(self.up.saturating_add(self.down));
        if way > 0 {
            missing.max(need.up - self.up)
        } else {
            missing
        }
    }

    pub(super) fn fills(self, need: Need) -> bool {
        self.missing(need, 1) <= 0
    }
}

/// The relations at which a search ended. Something more must be hidden in one of them.
pub(super) type Blocked = Vec<usize>;

/// The relations that hold in some face.
#[derive(Debug)]
pub(super) struct Web {
    pub face: u32,
    /// For each number the relations that it stands in and its sign there, without relations that
    /// follow from others.
    within: Vec<Vec<(usize, i64)>>,
    /// The numbers that stand in one relation only.
    loose: Vec<(usize, usize, i64)>,
}

impl Web {
    pub(super) fn of(relations: &Relations, face: u32) -> Self {
        let mut within = vec![Vec::new(); relations.numbers.len()];
        for (at, relation) in relations.relations.iter().enumerate() {
            let follows = relation.follows.is_some_and(|f| f & !face == 0);
            if relation.face & !face == 0 && !follows {
                for (number, sign) in &relation.terms {
                    if let Some(within) = within.get_mut(*number) {
                        within.push((at, *sign));
                    }
                }
            }
        }
        let loose = within.iter().enumerate();
        let loose = loose.filter_map(|(number, within)| match **within {
            [(relation, sign)] => Some((number, relation, sign)),
            _ => None,
        });
        Self {
            face,
            loose: loose.collect(),
            within,
        }
    }

    /// The relations of a number.
    pub(super) fn within(&self, number: usize) -> &[(usize, i64)] {
        self.within.get(number).map_or(&[], Vec::as_slice)
    }
}

/// A search among the relations of some face, with some numbers hidden.
pub(super) struct Search<'a> {
    pub relations: &'a Relations,
    pub hidden: &'a [bool],
    pub web: &'a Web,
}

/// A change of one number, up (1) or down (-1).
#[derive(Clone, Copy)]
struct Step {
    number: usize,
    way: i64,
}

/// A step, and what it puts out of balance: a relation and the sign of what that has too much then.
type Way = (Step, Option<(usize, i64)>);

/// A search in more than two directions while it runs.
struct Attempt<'a> {
    by: i64,
    shift: &'a [i64],
    steps: Vec<Step>,
    patience: usize,
    /// Relations in which nothing could take up what was out of balance.
    blocked: Blocked,
}

/// The most steps that a search in more than two directions tries.
const PATIENCE: usize = 400;
/// The most numbers that change together in such a search.
const DEEPEST: usize = 48;

impl Search<'_> {
    /// Makes the range of a number as wide as is needed, or says where that ended.
    pub(super) fn widen(
        &self,
        number: usize,
        need: Need,
        ranges: &mut [Range],
    ) -> Result<(), Blocked> {
        let mut blocked = Blocked::new();
        for way in [1, -1] {
            let mut shift = vec![0; self.relations.numbers.len()];
            loop {
                let Some(range) = ranges.get(number) else {
                    return Ok(());
                };
                let missing = range.missing(need, way);
                if missing <= 0 {
                    break;
                }
                let gone = shift.get(number).copied().unwrap_or(0) * way;
                let reached = if way > 0 { range.up } else { range.down };
                // Another search may have come further already; then this one catches up first.
                let wanted = missing.saturating_add(reached - gone);
                match self.go(number, way, wanted, &mut shift) {
                    Ok(steps) => note(&steps, &shift, ranges),
                    Err(at) => {
                        if way > 0 {
                            blocked = at;
                        }
                        break;
                    }
                }
            }
        }
        let fills = |r: &Range| r.fills(need);
        if ranges.get(number).is_none_or(fills) {
            return Ok(());
        }
        Err(blocked)
    }

    /// Changes a number by as much as goes at once, and others with it.
    fn go(
        &self,
        number: usize,
        way: i64,
        wanted: i64,
        shift: &mut [i64],
    ) -> Result<Vec<Step>, Blocked> {
        let start = Step { number, way };
        // Mostly one path is wide enough; else the shortest gives what it has.
        if wanted > 1
            && let (Some(steps), _) = self.path(start, wanted, shift)
            && self.apply(&steps, wanted, shift)
        {
            return Ok(steps);
        }
        let (path, blocked) = self.path(start, 1, shift);
        let steps = path.ok_or_else(|| blocked.clone())?;
        let room = steps.iter().map(|s| self.most(*s, shift)).min();
        let by = room.unwrap_or(1).clamp(1, wanted);
        if self.apply(&steps, by, shift) || (by > 1 && self.apply(&steps, 1, shift)) {
            return Ok(steps);
        }
        Err(blocked)
    }

    fn relation(&self, at: usize) -> Option<&Relation> {
        self.relations.relations.get(at)
    }

    /// Does a reader not know this number?
    fn unknown(&self, number: usize) -> bool {
        let open = |n: &super::relations::Number| n.kind == Kind::Open;
        self.hidden.get(number) == Some(&true)
            || self.relations.numbers.get(number).is_some_and(open)
    }

    /// Can this unknown number change so much more?
    fn room(&self, step: Step, by: i64, shift: &[i64]) -> bool {
        self.most(step, shift) >= by
    }

    /// How much more this unknown number can change.
    fn most(&self, step: Step, shift: &[i64]) -> i64 {
        let Some(number) = self.relations.numbers.get(step.number) else {
            return 0;
        };
        let now = number.value + shift.get(step.number).copied().unwrap_or(0);
        if step.way < 0 {
            // A row that is hidden is not 0, and every reader knows that.
            return now - i64::from(number.kind == Kind::Row && number.value > 0);
        }
        let above = number.below.iter().filter(|total| !self.unknown(**total));
        let values = above.filter_map(|total| self.relations.numbers.get(*total));
        values
            .map(|total| total.value - now)
            .min()
            .unwrap_or(i64::MAX)
    }

    /// A way to change the start and others so that all relations hold; or where there is none.
    fn path(&self, start: Step, by: i64, shift: &[i64]) -> (Option<Vec<Step>>, Blocked) {
        let within = self.web.within(start.number);
        let open = || within.iter().map(|(relation, _)| *relation).collect();
        if !self.room(start, by, shift) {
            return (None, open());
        }
        let debt = |(relation, sign): (usize, i64)| (relation, sign * start.way);
        let paid = |(relation, sign): (usize, i64)| (relation, -sign * start.way);
        match *within {
            [] => (Some(vec![start]), open()),
            [one] => self.walk(start, debt(one), None, by, shift),
            [one, two] => {
                let there = self.walk(start, debt(one), Some(paid(two)), by, shift);
                if there.0.is_some() || by > 1 {
                    return there;
                }
                let back = self.walk(start, debt(two), Some(paid(one)), by, shift);
                if back.0.is_some() || back.1.len() < there.1.len() {
                    return back;
                }
                there
            }
            _ => self.settle(start, by, shift),
        }
    }

    /// The shortest path from a relation that is out of balance to the place that takes it up:
    /// another relation that is out of balance, or (none given) a number that stands in no other.
    /// Numbers in more than two relations are passed over.
    fn walk(
        &self,
        start: Step,
        from: (usize, i64),
        to: Option<(usize, i64)>,
        by: i64,
        shift: &[i64],
    ) -> (Option<Vec<Step>>, Blocked) {
        // A node is a relation and the sign of what it has too much; the last node is the outside,
        // where numbers that stand in one relation only lead.
        let outside = self.relations.relations.len() * 2;
        let node = |(relation, sign): (usize, i64)| relation * 2 + usize::from(sign > 0);
        let (first, target) = (node(from), to.map_or(outside, node));
        let mut came: Vec<Option<(usize, Step)>> = vec![None; outside + 1];
        let mut queue = vec![first];
        let mut next_in_queue = 0;
        let mut steps = Vec::new();
        while let Some(at) = queue.get(next_in_queue).copied() {
            next_in_queue += 1;
            steps.clear();
            if at == outside {
                self.outside_steps(start.number, &mut steps);
            } else {
                let sign = if at % 2 == 1 { 1 } else { -1 };
                self.steps(at / 2, sign, start.number, &mut steps);
            }
            for (step, next) in &steps {
                let next = next.map_or(outside, node);
                let Some(place) = came.get_mut(next) else {
                    continue;
                };
                if place.is_some() || next == first || !self.room(*step, by, shift) {
                    continue;
                }
                *place = Some((at, *step));
                if next == target {
                    return (Some(trace(&came, first, target, start)), Blocked::new());
                }
                queue.push(next);
            }
        }
        let visited = queue.iter().filter(|at| **at != outside);
        let mut visited: Blocked = visited.map(|at| at / 2).collect();
        visited.sort_unstable();
        visited.dedup();
        (None, visited)
    }

    /// The steps that take away what a relation has too much, and where each leads.
    fn steps(&self, at: usize, sign: i64, not: usize, steps: &mut Vec<Way>) {
        let terms = self.relation(at).map(|r| r.terms.as_slice());
        for (number, own) in terms.unwrap_or_default() {
            if *number == not || !self.unknown(*number) {
                continue;
            }
            let step = Step {
                number: *number,
                way: -sign * own,
            };
            let beyond = |(relation, sign): (usize, i64)| Some((relation, sign * step.way));
            match *self.web.within(*number) {
                [_] => steps.push((step, None)),
                [other, (here, _)] | [(here, _), other] if here == at => {
                    steps.push((step, beyond(other)));
                }
                _ => {}
            }
        }
    }

    /// Steps that bring something in from outside: of numbers that stand in one relation only.
    fn outside_steps(&self, not: usize, steps: &mut Vec<Way>) {
        for (number, relation, sign) in &self.web.loose {
            if *number != not && self.unknown(*number) {
                for way in [1, -1] {
                    let step = Step {
                        number: *number,
                        way,
                    };
                    steps.push((step, Some((*relation, sign * way))));
                }
            }
        }
    }

    /// Looks for a way when numbers stand in many relations: takes up what is out of balance, one by
    /// one, and goes back where that fails, as long as patience lasts.
    fn settle(&self, start: Step, by: i64, shift: &[i64]) -> (Option<Vec<Step>>, Blocked) {
        let mut debts: Vec<(usize, i64)> = Vec::new();
        let open = self.owe(start, &mut debts);
        let mut attempt = Attempt {
            by,
            shift,
            steps: vec![start],
            patience: PATIENCE,
            blocked: Blocked::new(),
        };
        if open.is_some() && self.deeper(&mut attempt, &debts) {
            return (Some(attempt.steps), Blocked::new());
        }
        let mut blocked = attempt.blocked;
        if blocked.is_empty() {
            blocked = debts.iter().map(|(relation, _)| *relation).collect();
        }
        blocked.sort_unstable();
        blocked.dedup();
        (None, blocked)
    }

    fn deeper(&self, attempt: &mut Attempt<'_>, debts: &[(usize, i64)]) -> bool {
        let Some((relation, sign)) = debts.last().copied() else {
            return true;
        };
        if attempt.patience == 0 || attempt.steps.len() >= DEEPEST {
            return false;
        }
        let terms = self.relation(relation).map(|r| r.terms.as_slice());
        // Those first after which the least is out of balance.
        let mut choices: Vec<(usize, Step, Vec<(usize, i64)>)> = Vec::new();
        for (number, own) in terms.unwrap_or_default() {
            let step = Step {
                number: *number,
                way: -sign * own,
            };
            let taken = attempt.steps.iter().any(|s| s.number == *number);
            let closed = taken || !self.unknown(*number);
            if closed || !self.room(step, attempt.by, attempt.shift) {
                continue;
            }
            let mut after = debts.to_vec();
            if self.owe(step, &mut after).is_some() {
                choices.push((after.len(), step, after));
            }
        }
        choices.sort_by_key(|(left, step, _)| (*left, step.number));
        if choices.is_empty() {
            attempt.blocked.push(relation);
        }
        for (_, step, after) in choices {
            attempt.patience = attempt.patience.saturating_sub(1);
            attempt.steps.push(step);
            if self.deeper(attempt, &after) {
                return true;
            }
            attempt.steps.pop();
        }
        false
    }

    /// What is out of balance after a step; nothing when a relation would be so twice.
    fn owe(&self, step: Step, debts: &mut Vec<(usize, i64)>) -> Option<()> {
        for (relation, sign) in self.web.within(step.number) {
            let change = sign * step.way;
            match debts.iter().position(|(r, _)| r == relation) {
                None => debts.push((*relation, change)),
                Some(at) => {
                    let (_, debt) = debts.remove(at);
                    if debt == change {
                        return None;
                    }
                }
            }
        }
        Some(())
    }

    /// Makes the steps, when every number has room for them and every relation holds afterwards.
    fn apply(&self, steps: &[Step], by: i64, shift: &mut [i64]) -> bool {
        let mut made = 0;
        let whole = steps.iter().all(|step| {
            let fits = self.room(*step, by, shift);
            if let (true, Some(shift)) = (fits, shift.get_mut(step.number)) {
                *shift += by * step.way;
                made += 1;
            }
            fits
        });
        if whole && self.balanced(steps, shift) {
            return true;
        }
        for step in steps.iter().take(made) {
            if let Some(shift) = shift.get_mut(step.number) {
                *shift -= by * step.way;
            }
        }
        false
    }

    fn balanced(&self, steps: &[Step], shift: &[i64]) -> bool {
        let numbers = steps
            .iter()
            .filter_map(|s| self.relations.numbers.get(s.number));
        let mut relations = numbers.flat_map(|n| &n.within);
        relations.all(|at| {
            let Some(relation) = self.relation(*at) else {
                return false;
            };
            let change = |(n, sign): &(usize, i64)| {
                i128::from(shift.get(*n).copied().unwrap_or(0)) * i128::from(*sign)
            };
            relation.face & !self.web.face != 0
                || relation.terms.iter().map(change).sum::<i128>() == 0
        })
    }
}

/// The steps from the first node to the last, and the start.
fn trace(came: &[Option<(usize, Step)>], first: usize, last: usize, start: Step) -> Vec<Step> {
    let mut steps = vec![start];
    let mut at = last;
    while at != first
        && let Some(Some((from, step))) = came.get(at)
    {
        steps.push(*step);
        at = *from;
    }
    steps
}

/// Remembers how far these numbers have come.
fn note(steps: &[Step], shift: &[i64], ranges: &mut [Range]) {
    for step in steps {
        if let (Some(shift), Some(range)) = (shift.get(step.number), ranges.get_mut(step.number)) {
            range.up = range.up.max(*shift);
            range.down = range.down.max(-*shift);
        }
    }
}
