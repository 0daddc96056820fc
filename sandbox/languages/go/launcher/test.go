// Runs the test programs of /tmp/tests one after the other. What they say is shown as it comes; the events that test2json
// makes of it are kept in /tmp/tests/report.jsonl.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

const tests = "/tmp/tests"

func main() {
	programs, err := filepath.Glob(filepath.Join(tests, "*.test"))
	fail(err)
	report, err := os.Create(filepath.Join(tests, "report.jsonl"))
	fail(err)
	code := 0
	for _, program := range programs {
		folder, err := os.ReadFile(strings.TrimSuffix(program, ".test") + ".folder")
		fail(err)
		passed, err := run(program, string(folder), report)
		fail(err)
		if !passed {
			code = 1
		}
	}
	fail(report.Close())
	os.Exit(code)
}

func run(program, folder string, report *os.File) (passed bool, err error) {
	tool := filepath.Join(runtime.GOROOT(), "pkg", "tool", runtime.GOOS+"_"+runtime.GOARCH, "test2json")
	args := []string{"-t", "-p", folder, program, verbose(), "-test.paniconexit0"}
	command := exec.Command(tool, append(args, os.Args[1:]...)...)
	command.Dir = filepath.Join("/workspace", folder)
	command.Stdin = os.Stdin
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		return false, err
	}
	if err := command.Start(); err != nil {
		return false, err
	}
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			if err := show(line, report); err != nil {
				return false, err
			}
		}
		if err != nil {
			break
		}
	}
	return command.Wait() == nil, nil
}

// One event of test2json a line; of those only the output is for people.
func show(line []byte, report *os.File) error {
	if _, err := report.Write(line); err != nil {
		return err
	}
	var event struct{ Output string }
	if err := json.Unmarshal(line, &event); err != nil {
		return nil
	}
	_, err := os.Stdout.WriteString(event.Output)
	return err
}

// Since 1.20 a test program can mark its own lines, so that what a test prints is not taken for them.
func verbose() string {
	if strings.HasPrefix(runtime.Version(), "go1.19") {
		return "-test.v"
	}
	return "-test.v=test2json"
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "The tests could not be run:", err)
		os.Exit(1)
	}
}
