#![allow(clippy::unwrap_used)]
use super::hashed_features::Inputs;
use super::logistic::{FtrlParams, Logistic};
use super::reference::{BaseRate, Oracle};
use crate::data::clicks::{ClickModel, ClickTask};
use crate::data::logs::fault::Faults;
use crate::data::logs::join;
use crate::data::logs::split::SplitBy;
use crate::data::logs::visit::JoinOptions;
use crate::data::logs::visits::VisitLog;
use crate::data::logs::write::LogWriter;
use crate::data::split::Split;
use crate::evaluate::click_models::compare;
use crate::generate::ads::{Ads, ads};
use crate::test_folder::Folder;

fn log(folder: &Folder) -> VisitLog {
    let path = folder.0.join("ads.jsonl");
    let mut writer = LogWriter::create(&path).unwrap();
    let sizes = Ads { users: 300, visits: 4, items: 60, list: 20, seed: 1 };
    ads(&sizes, |record| writer.write(&record)).unwrap();
    writer.finish().unwrap();
    join::read(&path, &JoinOptions::default(), &mut Faults::new(true), &mut |_, _| ()).unwrap()
}

#[test]
fn a_regression_lies_between_the_base_rate_and_the_truth() {
    let folder = Folder::new("baselines");
    let log = log(&folder);
    let task = ClickTask { log: &log, by: SplitBy::User, clicks: log.kinds().set(&["click"]) };
    let params = FtrlParams { bits: 14, epochs: 3, ..FtrlParams::default() };
    let regression = Logistic::train("logistic", &task, Inputs::Page, params, &mut |_| ()).unwrap();
    let mut models: Vec<Box<dyn ClickModel>> =
        vec![Box::new(BaseRate::learn(&task)), Box::new(regression), Box::new(Oracle)];
    let comparison = compare(&task, Split::Test, &mut models, 0).unwrap();
    let [base, regression, oracle] = &comparison.rows[..] else { panic!("three models") };
    let loss = |row: &crate::evaluate::click_models::ModelFigures| row.log_loss.unwrap().mean;
    assert!(loss(oracle) < loss(regression) && loss(regression) < loss(base), "{comparison:?}");
    assert_eq!(base.auc, Some(0.5), "one probability for all tells nothing apart");
    assert!(base.predictions.windows(2).all(|pair| pair[0] == pair[1]));
    assert!(regression.log_loss_over.unwrap().diff < 0.0 && base.log_loss_over.is_none());
}

#[test]
fn a_split_in_which_nothing_was_seen_is_said() {
    let folder = Folder::new("baselines-empty");
    let log = log(&folder);
    let by = SplitBy::Time { validation: None, test: 0 };
    let task = ClickTask { log: &log, by, clicks: log.kinds().set(&["click"]) };
    let error = Logistic::train("logistic", &task, Inputs::Page, FtrlParams::default(), &mut |_| ());
    assert!(error.err().unwrap().to_string().contains("nothing was seen in the train split"));
}
