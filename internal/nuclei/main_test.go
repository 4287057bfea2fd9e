package nuclei

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"testing"
)

// moved is set in the process that TestMain starts in a network of its own.
const moved = "SANSANG_TEST_NETWORK"

// TestMain runs the tests where there is no network but lo: they hold nuclei,
// and some of them try to get out.
func TestMain(m *testing.M) {
	if os.Getenv(moved) != "" {
		if err := raise(); err != nil {
			fmt.Println("the tests of internal/nuclei are skipped: lo cannot be raised:", err)
			os.Exit(0)
		}
	}
	if alone() {
		os.Exit(m.Run())
	}
	if os.Getenv(moved) != "" {
		fmt.Println("the tests of internal/nuclei are skipped: the new network namespace is not empty")
		os.Exit(0)
	}
	cmd := apart(os.Args)
	if cmd == nil {
		fmt.Println("the tests of internal/nuclei are skipped: they run only in a network namespace of their own, and none can be made here")
		os.Exit(0)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		os.Exit(exit.ExitCode())
	case err != nil:
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// alone tells whether this process sees no interface but lo.
func alone() bool {
	all, err := net.Interfaces()
	if err != nil {
		return false
	}
	for _, i := range all {
		if i.Flags&net.FlagLoopback == 0 {
			return false
		}
	}
	return true
}
