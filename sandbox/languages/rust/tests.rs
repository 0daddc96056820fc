/// Seconds as a clock shows them: 3725 is "1:02:05".
fn clock(seconds: u32) -> String {
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// The other way round.
fn seconds(clock: &str) -> u32 {
    clock.split(':').fold(0, |sum, part| sum * 60 + part.parse::<u32>().unwrap())
}

#[test]
fn shows_hours_minutes_and_seconds() {
    assert_eq!(clock(3725), "1:02:05");
}

#[test]
fn leaves_out_hours_that_are_none() {
    assert_eq!(clock(125), "2:05");
}

#[test]
fn comes_back_as_it_was() {
    assert_eq!(seconds(&clock(86399)), 86399);
}

#[test]
#[should_panic]
fn refuses_what_is_no_clock() {
    seconds("noon");
}

#[test]
#[ignore = "nobody has said what -1 looks like"]
fn shows_what_is_before_midnight() {}
