package main

import (
	"fmt"
	"os"
)

type pair struct {
	name  string
	count int
}

func main() {
	p := pair{"größe", len(os.Args)}
	if p.count > 0 {
		fmt.Println(p.name, p.count*2)
	}
}
