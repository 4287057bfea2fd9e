package worker

import (
	"errors"
	"io/fs"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/lang"
)

// Fault says why there is no worker and what to do.
type Fault struct {
	Text    lang.Text
	Unknown *fact.Unknown // what every run comes to
	final   bool          // trying again is of no use
	unwall  bool          // this wall cannot be had; a lesser one may
}

// Error says the fault in English.
func (f *Fault) Error() string { return f.Text.En }

// In says the fault in one language.
func (f *Fault) In(l lang.Lang) string { return f.Text.In(l) }

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Unknown }

var stopped = lang.T("việc rà quét đã dừng", "the scan was stopped")

// bare leaves out the path of this machine: records travel.
func bare(err error) error {
	var in *fs.PathError
	if errors.As(err, &in) {
		return in.Err
	}
	return err
}

func missing(path string, err error) *Fault {
	err = bare(err)
	why := lang.Tf("%v", "%v", err)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		why = lang.T("không có tệp này", "there is no such file")
	case errors.Is(err, fs.ErrPermission):
		why = lang.T("không có quyền chạy tệp này", "it may not be run")
	}
	return &Fault{final: true, Unknown: fact.Because(fact.Broken, "sansang-nuclei cannot be started: "+why.En), Text: lang.Tf(
		"không chạy được %[1]s (%[2]s): đặt tệp sansang-nuclei của cùng bản phát hành cạnh tệp sansang, hoặc biên dịch cả hai bằng lệnh make build",
		"%[1]s cannot be run (%[3]s): put the sansang-nuclei of the same release beside sansang, or build both by make build", path, why.Vi, why.En)}
}

func otherVersion(path, want, has string) *Fault {
	return &Fault{final: true, Unknown: fact.Because(fact.Broken, "sansang-nuclei is of version "+has+", sansang of "+want), Text: lang.Tf(
		"%[1]s thuộc phiên bản %[3]s, còn sansang thuộc phiên bản %[2]s: lấy cả hai tệp từ cùng một bản phát hành, hoặc biên dịch lại cả hai bằng lệnh make build",
		"%[1]s is of version %[3]s, sansang of %[2]s: take both from the same release, or build both anew by make build", path, want, has)}
}

func unready(path, why string) *Fault {
	return &Fault{Unknown: fact.Because(fact.Broken, "sansang-nuclei did not come up: "+why), Text: lang.Tf(
		"%[1]s không khởi động được (%[2]s): kiểm tra đây có đúng là tệp sansang-nuclei của cùng bản phát hành, và ổ đĩa tạm còn chỗ",
		"%[1]s did not come up (%[2]s): see that it is the sansang-nuclei of the same release, and that there is room for temporary files", path, why)}
}
