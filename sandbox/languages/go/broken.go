package main

func main() {
	total := 1 +* 2) // broken
	println(total)
}
