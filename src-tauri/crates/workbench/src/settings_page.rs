//! What the profile sets for the checks, as the window shows and changes it.

use serde::Serialize;
use serde::de::DeserializeOwned;

use plimsoll_checks::{Allowance, Approved, Settings};

use crate::browse_view::{AllowanceView, SettingsView};
use crate::error::WorkbenchError;
use crate::session::Session;
use crate::trust_view::ApprovedView;

/// From a view to what is recorded, or back: both have the same shape in JSON.
fn same<T: DeserializeOwned>(value: &impl Serialize) -> Result<T, WorkbenchError> {
    let value = serde_json::to_value(value).map_err(plimsoll_engagement::EngagementError::from)?;
    serde_json::from_value(value).map_err(|error| WorkbenchError::Input(format!("The settings do not fit: {error}.")))
}

fn approved(views: &[ApprovedView], example: &str) -> Result<Vec<Approved>, WorkbenchError> {
    let mut list = Vec::new();
    for view in views {
        let (what, reason) = (view.what.trim(), view.reason.trim());
        if what.is_empty() {
            return Err(WorkbenchError::Input(format!("Enter what is approved, for example {example}.")));
        }
        if reason.is_empty() {
            return Err(WorkbenchError::Input(format!(
                "Enter why \"{what}\" is approved: the report prints the reason."
            )));
        }
        list.push(Approved { what: what.to_owned(), reason: reason.to_owned() });
    }
    Ok(list)
}

impl Session {
    /// What the profile sets for the checks.
    ///
    /// # Errors
    /// When the engagement cannot be read.
    pub fn settings(&self) -> Result<SettingsView, WorkbenchError> {
        let settings = crate::run::settings(&self.engagement)?;
        Ok(SettingsView {
            // Two decimals, so that 0.9 shows as 90 and not as 90.00000000000001.
            lowest_efficiency: (settings.lowest_efficiency * 10_000.0).round() / 100.0,
            oldest_days: settings.oldest_days,
            widest_gap_hours: settings.widest_gap_hours,
            stale_days: settings.stale_days,
            allowances: settings
                .allowances
                .into_iter()
                .map(|allowance| AllowanceView {
                    check: allowance.check,
                    what: allowance.what,
                    reason: allowance.reason,
                })
                .collect(),
            approved_bases: same(&settings.approved_bases)?,
            approved_registries: same(&settings.approved_registries)?,
            trust: same(&settings.trust)?,
            vulnerabilities: same(&settings.vulnerabilities)?,
        })
    }

    /// Sets it. The next run uses it; what was judged stays as it was judged.
    ///
    /// # Errors
    /// When a value makes no sense, a reason is missing, or the engagement cannot be written.
    pub fn set_settings(&mut self, view: &SettingsView) -> Result<(), WorkbenchError> {
        let input = |text: String| Err(WorkbenchError::Input(text));
        if !(0.0..=100.0).contains(&view.lowest_efficiency) {
            return input("Enter the lowest efficiency as a number from 0 to 100.".to_owned());
        }
        if !(1..=3650).contains(&view.oldest_days) {
            return input("Enter the age as whole days, from 1 to 3650.".to_owned());
        }
        if !(1..=8760).contains(&view.widest_gap_hours) {
            return input("Enter the gap between layers as whole hours, from 1 to 8760.".to_owned());
        }
        if !(1..=3650).contains(&view.stale_days) {
            return input("Enter after how many whole days a stopped container is stale, from 1 to 3650.".to_owned());
        }
        let mut allowances = Vec::new();
        for allowance in &view.allowances {
            let (what, reason) = (allowance.what.trim(), allowance.reason.trim());
            if plimsoll_checks::check(&allowance.check).is_none() {
                return input(format!("There is no check \"{}\"; choose one from the list.", allowance.check));
            }
            if what.is_empty() {
                return input("Enter what is allowed: a package's name or a path.".to_owned());
            }
            if reason.is_empty() {
                return input(format!("Enter why \"{what}\" is allowed: the report prints the reason."));
            }
            allowances.push(Allowance {
                check: allowance.check.clone(),
                what: what.to_owned(),
                reason: reason.to_owned(),
            });
        }
        let trust: plimsoll_trust::TrustPolicy = same(&view.trust)?;
        trust.check().map_err(WorkbenchError::Input)?;
        if !(1..=3650).contains(&view.vulnerabilities.oldest_data_days) {
            return input("Enter the age of the advisory data as whole days, from 1 to 3650.".to_owned());
        }
        let vulnerabilities = same(&view.vulnerabilities)?;
        let settings = Settings {
            lowest_efficiency: view.lowest_efficiency / 100.0,
            oldest_days: view.oldest_days,
            widest_gap_hours: view.widest_gap_hours,
            stale_days: view.stale_days,
            allowances,
            approved_bases: approved(&view.approved_bases, "registry.example.com/base/*")?,
            approved_registries: approved(&view.approved_registries, "registry.example.com")?,
            trust,
            vulnerabilities,
        };
        let json = serde_json::to_string(&settings).map_err(plimsoll_engagement::EngagementError::from)?;
        Ok(self.engagement.set_settings(&json)?)
    }
}
