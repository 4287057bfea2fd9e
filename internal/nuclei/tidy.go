package nuclei

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"time"
)

// remove removes the private folder. An engine that is still at work may make
// files while it goes: it is taken out of their way, and looked for again.
func remove(folder string) {
	gone := folder + ".gone"
	if os.Rename(folder, gone) != nil {
		gone = folder
	}
	for range 20 {
		if os.RemoveAll(gone) == nil && os.RemoveAll(folder) == nil {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// say writes one line for the log.
func say(to io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(to, format+"\n", args...) }

// recovered makes an error of a panic.
func recovered(err *error) {
	if p := recover(); p != nil {
		stack := strings.Join(strings.Fields(string(debug.Stack())), " ")
		*err = fmt.Errorf("panic: %v: %.400s", p, stack)
	}
}
