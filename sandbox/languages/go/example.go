package main

import "fmt"

func main() {
	signedUp := []string{"Ada", "Grace", "Linus", "Ken"}

	// Two shifts begin with the same two people.
	early := append(signedUp[:2], "Barbara")
	late := append(signedUp[:2], "Margaret")

	fmt.Println("Early:    ", early)
	fmt.Println("Late:     ", late)
	fmt.Println("Signed up:", signedUp)

	// Barbara is gone, and so is Linus. Who pushed them out?
	if early[2] != "Barbara" {
		panic(fmt.Sprintf("Barbara signed up for the early shift, but it says %s", early[2]))
	}
}
