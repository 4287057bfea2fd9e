package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"sync"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/record"
)

// version and commit are set by the build; go install leaves its own marks.
var version, commit = "dev", ""

// tool says which program this is, for the record. It reads the whole program,
// so it is asked once.
var tool = sync.OnceValue(func() record.Tool {
	t := record.Tool{Version: version, Commit: commit, Go: runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok && t.Version == "dev" && info.Main.Version != "" {
		t.Version = info.Main.Version
	}
	if path, err := os.Executable(); err == nil {
		if d, err := hashFile(path); err == nil {
			t.SHA256 = d.SHA256
		}
	}
	return t
})

func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: a.t("Phiên bản của công cụ", "The tool's version"),
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			mark := commit
			if mark != "" {
				mark = " (" + mark + ")"
			}
			a.print("sansang %s%s, %s, %s/%s", "sansang %s%s, %s, %s/%s", version, mark, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}
