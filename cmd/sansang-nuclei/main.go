// Command sansang-nuclei is the template worker of sansang. It is started by
// sansang and by nobody else.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/sansang/sansang/internal/nuclei"
)

// version is set by the build; sansang takes no worker of another version.
var version = "dev"

func main() {
	if len(os.Args) != 2 || os.Args[1] != "serve" {
		fmt.Fprintf(os.Stderr, "sansang-nuclei %s\nLệnh này do sansang tự gọi; đặt nó cạnh tệp sansang.\nsansang starts this by itself; keep it beside sansang.\n", version)
		os.Exit(nuclei.Unfit)
	}
	signal.Ignore(syscall.SIGPIPE, syscall.SIGINT) // that sansang has ended is learned of standard input, in order
	reports := os.Stdout
	os.Stdout = os.Stderr // what a library prints is no report
	os.Exit(nuclei.Serve(orders(), reports, os.Stderr, version))
}

// orders is standard input, read by the poller. A thread that waits in the
// kernel for the next order, some thousand times a second, keeps the runtime's
// monitor awake every 20 µs: a tenth of all that the worker did.
func orders() *os.File {
	in := os.Stdin.Fd()
	if err := syscall.SetNonblock(0, true); err != nil {
		return os.Stdin
	}
	return os.NewFile(in, "orders")
}
