package store

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"runtime"
)

// nameless makes a file that is gone with whoever holds it, however that ends.
func nameless(folder string) (*os.File, error) {
	flag := os.O_RDWR | os.O_CREATE | os.O_EXCL
	if runtime.GOOS == "windows" {
		flag |= 0x04000000 // FILE_FLAG_DELETE_ON_CLOSE, of CreateFile
	}
	f, err := os.OpenFile(filepath.Join(folder, "sansang-look-"+rand.Text()), flag, 0o600)
	if err == nil && runtime.GOOS != "windows" {
		if err = os.Remove(f.Name()); err != nil {
			_ = f.Close()
			return nil, err
		}
	}
	return f, err
}
