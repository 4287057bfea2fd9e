package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sansang/sansang/internal/lang"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sansang": main})
}

// TestScript runs the program as its users do. Each script finds the practice
// units, with their servers running, in the folder practice.
func TestScript(t *testing.T) {
	worker := templateWorker(t)
	testscript.Run(t, testscript.Params{
		Dir: "../../testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("NO_COLOR", "1")
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("SANSANG_NUCLEI", worker)
			a := &app{out: os.Stdout, err: os.Stderr, getenv: os.Getenv, lang: lang.Vi}
			p, err := a.newPractice(context.Background(), filepath.Join(env.WorkDir, "practice"))
			if err != nil {
				return err
			}
			env.Defer(p.close)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"code": code},
	})
}

// code runs a command and wants exactly its exit code: code 3 sansang scan x.
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N command…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil && !errors.Is(err, context.Canceled) {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// templateWorker gives the path of the template worker: the one that the
// environment names, or one that is built.
func templateWorker(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("SANSANG_NUCLEI"); path != "" {
		return path
	}
	path := filepath.Join(t.TempDir(), "sansang-nuclei")
	build := exec.Command("go", "build", "-o", path, "../sansang-nuclei")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the template worker: %v\n%s", err, out)
	}
	return path
}
