// How many days are left in the month? The answer for the last day is the interesting one.
fn days_left(day: u8, days_in_month: u8) -> u8 {
    days_in_month - 1 - day
}

fn main() {
    for day in 28..=30 {
        println!("day {day}: {} left", days_left(day, 30));
    }
}
