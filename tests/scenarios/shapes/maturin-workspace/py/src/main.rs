fn main() {
    println!("one word");
}
