//go:build unix

package templates

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A link out of the folder is not followed, one inside is a file like others,
// a pipe keeps nobody waiting.
func TestReadDirFollowsNoLinkOut(t *testing.T) {
	out := folder(t, map[string]string{"secret.yaml": simple("secret", "low", ""), "deep/b.yaml": simple("deep", "low", "")})
	dir := folder(t, map[string]string{"a.yaml": simple("a", "low", "")})
	for from, to := range map[string]string{
		"out.yaml": filepath.Join(out, "secret.yaml"), "up.yaml": "../" + filepath.Base(out) + "/secret.yaml",
		"deep": filepath.Join(out, "deep"), "lost.yaml": "nowhere.yaml", "again.yaml": "a.yaml", "loop.yaml": "loop.yaml",
	} {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.yaml"), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := ReadDir(dir, Filter{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	const want = "a | again.yaml same-id, loop.yaml unreadable, lost.yaml unreadable, out.yaml unreadable, pipe.yaml unreadable, up.yaml unreadable | left 0 | nothing "
	if got := told(set); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}
