//! Efficiency and waste by dive's definition, worked out by hand.

use super::*;

#[test]
fn an_image_without_files_is_efficient() {
    let content = facts_of(vec![]).content;
    assert_eq!((content.efficiency, content.wasted_bytes, content.hidden_bytes), (1.0, 0, 0));
    assert_eq!(facts_of(vec![LayerBuilder::new().directory("d/")]).content.efficiency, 1.0);
}

#[test]
fn a_file_written_twice_costs_both_copies() {
    let layers = vec![
        LayerBuilder::new().directory("d/").file("d/x", &[1; 100]).file("d/once", &[1; 50]),
        LayerBuilder::new().file("d/x", &[2; 300]),
    ];
    let facts = facts_of(layers);
    // Smallest: 100 + 50. All: 100 + 300 + 50.
    assert_eq!(facts.content.efficiency, 150.0 / 450.0);
    assert_eq!((facts.content.wasted_bytes, facts.content.hidden_bytes), (400, 100));
    let waste = &facts.content.waste[0];
    assert_eq!((waste.path.as_str(), waste.copies, waste.bytes, waste.deleted), ("/d/x", 2, 400, false));
    assert_eq!(waste.layers, [facts.layers[0].diff_id.clone(), facts.layers[1].diff_id.clone()]);
}

#[test]
fn a_deleted_file_has_the_sizes_of_itself_and_nothing() {
    let layers = vec![LayerBuilder::new().file("x", &[1; 100]).file("y", &[1; 100]), LayerBuilder::new().whiteout("x")];
    let content = facts_of(layers).content;
    assert_eq!((content.efficiency, content.wasted_bytes, content.hidden_bytes), (0.5, 100, 100));
    assert!(content.waste[0].deleted && content.waste[0].copies == 2);
}

#[test]
fn a_deleted_directory_counts_what_it_held() {
    let base = LayerBuilder::new().directory("d/").file("d/a", &[1; 100]).file("d/s/b", &[1; 20]).file("y", &[1; 80]);
    // Leaves: a 100, b 20, y 80, and the whiteout of d with 120, which is d's only copy (d is no leaf below).
    let content = facts_of(vec![base.clone(), LayerBuilder::new().whiteout("d")]).content;
    assert_eq!((content.efficiency, content.wasted_bytes, content.hidden_bytes), (1.0, 0, 120));
    // Written again as an empty directory: a leaf of size 0, so that d has the sizes 120 and 0.
    let again = LayerBuilder::new().directory("d/");
    let content = facts_of(vec![base, LayerBuilder::new().whiteout("d"), again]).content;
    assert_eq!((content.efficiency, content.wasted_bytes), (200.0 / 320.0, 120));
}

#[test]
fn a_whiteout_of_nothing_costs_nothing() {
    let layers =
        vec![LayerBuilder::new().file("x", &[1; 10]), LayerBuilder::new().whiteout("gone").file("y", &[1; 10])];
    let content = facts_of(layers).content;
    assert_eq!((content.efficiency, content.wasted_bytes), (1.0, 0));
}

#[test]
fn a_path_twice_in_one_layer_counts_the_last_time() {
    let layers = vec![LayerBuilder::new().file("x", &[1; 10]).file("x", &[1; 30])];
    let content = facts_of(layers).content;
    assert_eq!((content.efficiency, content.wasted_bytes, content.bytes, content.hidden_bytes), (1.0, 0, 30, 10));
}

#[test]
fn the_heaviest_hundred_are_listed() {
    let layer = |byte: u8| {
        (0..150).fold(LayerBuilder::new(), |layer, number| {
            layer.file(&format!("f{number:03}"), &vec![byte; 1 + number / 2])
        })
    };
    let content = facts_of(vec![layer(1), layer(2)]).content;
    assert_eq!((content.waste.len(), content.largest.len()), (100, 50));
    assert_eq!((content.waste[0].path.as_str(), content.waste[1].path.as_str()), ("/f148", "/f149"));
    assert_eq!((content.largest[0].path.as_str(), content.largest[1].path.as_str()), ("/f148", "/f149"));
    assert!(content.waste.windows(2).all(|pair| pair[0].bytes >= pair[1].bytes));
    assert_eq!(content.wasted_bytes, 2 * (0..150u64).map(|number| 1 + number / 2).sum::<u64>());
}
