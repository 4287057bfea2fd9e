//go:build unix

package lab

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// postgresFolder finds the programs of PostgreSQL, which Debian keeps in a
// folder for each version; the last one is taken.
func postgresFolder() (string, error) {
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb"); len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", ErrNoPostgres
	}
	return filepath.Dir(path), nil
}

// servant is how root starts a program that refuses to be root's: as the user
// of its package, who is given the paths. Anybody else starts it as himself.
func servant(name string, paths ...string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup(name)
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	if err := reachable(paths[0]); err != nil {
		return nil, err
	}
	for _, p := range paths {
		if err := os.Chown(p, int(uid), int(gid)); err != nil {
			return nil, err
		}
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}

// reachable lets every user of the machine pass through the folders in which
// dir is, up to that of temporary files: those that tests are given are closed.
func reachable(dir string) error {
	for top := filepath.Clean(os.TempDir()); strings.HasPrefix(dir, top+string(filepath.Separator)); {
		if dir = filepath.Dir(dir); dir == top {
			return nil
		}
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		if err := os.Chmod(dir, info.Mode().Perm()|0o011); err != nil {
			return err
		}
	}
	return nil
}

// freePort gives a port on which nobody listens, so far, and which the system
// gives to nobody: it is below those that it picks for connections and for
// listeners (from 32768 on, in Linux).
func freePort(ctx context.Context, host string) (string, error) {
	for range 1_000 {
		port := strconv.Itoa(20_000 + rand.IntN(7_000)) //nolint:gosec // no secret
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, port))
		if err == nil {
			return port, l.Close()
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			return "", err
		}
	}
	return "", errors.New("no port is free on " + host)
}

// childrenOf lists the processes that a process started and that still run, as
// far as /proc tells it.
func childrenOf(parent int) []int {
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	var out []int
	for _, f := range files {
		b, _ := os.ReadFile(f) //nolint:gosec // a path of /proc
		_, rest, _ := strings.Cut(string(b), ") ")
		var state string
		var above int
		if _, err := fmt.Sscan(rest, &state, &above); err != nil || above != parent {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(f))); err == nil {
			out = append(out, pid)
		}
	}
	return out
}
