//! The deliveries of an incremental source in a run: which are merged, and when all are merged anew.

use super::intake::Tally;
use super::job::{Run, RunError};
use super::source::{Intent, intent};
use crate::contract::model::SourcePlan;
use crate::source::fault::DeliveryFault;
use crate::source::landing::Delivery;
use crate::warehouse::journal::DeliveryOutcome;
use crate::warehouse::manifest::DeliveryEntry;

/// A delivery in the landing folder, what the release says of it, and what to do.
struct Found {
    delivery: Delivery,
    published: Option<DeliveryEntry>,
    intent: Intent,
}

/// Why a delivery that was good is not taken in after all.
const HELD: &str = "opnieuw: another delivery of this source cannot be treated again, so what the release held of the source stays as it was";

impl Run<'_> {
    /// Every delivery counts, in order; each is merged into what is there.
    pub(super) fn incremental(
        &mut self,
        plan: &SourcePlan,
        recipe: &str,
        deliveries: Vec<Delivery>,
    ) -> Result<(), RunError> {
        let found: Vec<Found> = deliveries
            .into_iter()
            .map(|delivery| self.look(plan, recipe, delivery))
            .collect();
        let again = |f: &Found| matches!(f.intent, Intent::Recipe | Intent::Changed);
        let landed = |e: &DeliveryEntry| found.iter().any(|f| f.published.as_ref() == Some(e));
        let mut mine = self.next.deliveries();
        let whole = mine.all(|e| e.source != plan.contract.id || landed(e));
        drop(mine);
        if found.iter().any(again) && whole {
            return self.anew(plan, recipe, found);
        }
        for Found {
            delivery,
            published,
            intent,
        } in found
        {
            match intent {
                Intent::Superseded | Intent::Unchanged => {
                    let sha256 = published.map_or(String::new(), |p| p.sha256);
                    self.leave(plan, &delivery, &sha256, DeliveryOutcome::Ongewijzigd);
                }
                Intent::Refuse(fault) => {
                    self.refuse(plan, &delivery, "", &fault.into(), &Tally::default(), 0);
                }
                // Its rows were merged, and not all deliveries are here to begin from nothing: what the
                // new content leaves out could not be taken back.
                Intent::Changed => {
                    let fault = DeliveryFault::Rewritten.into();
                    self.refuse(plan, &delivery, "", &fault, &Tally::default(), 0);
                }
                Intent::New | Intent::Recipe => {
                    self.process(plan, recipe, &delivery)?;
                }
            }
        }
        Ok(())
    }

    fn look(&self, plan: &SourcePlan, recipe: &str, delivery: Delivery) -> Found {
        let same = |d: &&DeliveryEntry| {
            d.source == delivery.source && d.part == delivery.part && d.order == delivery.order
        };
        let published = self.next.deliveries().find(same).cloned();
        let intent = intent(self.job, plan, recipe, published.as_ref(), &delivery, false);
        Found {
            delivery,
            published,
            intent,
        }
    }

    /// Merges all deliveries into nothing: what was treated in another way, or is in a delivery no
    /// longer, must not stay behind. When one that was good is good no longer, all stays as it was.
    fn anew(&mut self, plan: &SourcePlan, recipe: &str, found: Vec<Found>) -> Result<(), RunError> {
        let source = plan.contract.id.as_str();
        let aside = self.next.set_aside(source);
        let first = self.records.len();
        let mut lost = false;
        for Found {
            delivery,
            published,
            intent,
        } in found
        {
            let taken = if let Intent::Refuse(fault) = intent {
                self.refuse(plan, &delivery, "", &fault.into(), &Tally::default(), 0);
                false
            } else {
                self.process(plan, recipe, &delivery)?
            };
            lost |= !taken && published.is_some();
        }
        if !lost {
            return Ok(self.next.give_up(&aside)?);
        }
        self.next.put_back(source, aside)?;
        let outcomes = self.seen[first..].iter_mut().map(|(_, outcome)| outcome);
        for (record, outcome) in self.records[first..].iter_mut().zip(outcomes) {
            if record.outcome == DeliveryOutcome::Verwerkt {
                record.outcome = DeliveryOutcome::Geweigerd;
                record.reason = Some(HELD.into());
                record.rows_kept = 0;
                *outcome = DeliveryOutcome::Geweigerd;
            }
        }
        Ok(())
    }
}
