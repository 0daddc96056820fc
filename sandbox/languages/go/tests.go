package main

import (
	"strings"
	"testing"
)

// abbreviate keeps at most max letters and says with an ellipsis that there were more.
func abbreviate(text string, max int) string {
	if len(text) <= max {
		return text
	}
	return text[:max-1] + "…"
}

func TestAbbreviate(t *testing.T) {
	for _, one := range []struct{ name, text, want string }{
		{"short text stays", "gopher", "gopher"},
		{"long text is cut", "gopher colony", "gopher …"},
		{"letters stay whole", "größere Höhle", "größere…"},
	} {
		t.Run(one.name, func(t *testing.T) {
			if got := abbreviate(one.text, 8); got != one.want {
				t.Errorf("abbreviate(%q, 8) is %q, not %q", one.text, got, one.want)
			}
		})
	}
}

func TestNeverLonger(t *testing.T) {
	if got := abbreviate(strings.Repeat("a", 100), 10); len([]rune(got)) > 10 {
		t.Errorf("%d letters", len([]rune(got)))
	}
}

func TestNothing(t *testing.T) {
	t.Skip("nobody has said what at most 0 letters look like")
}
