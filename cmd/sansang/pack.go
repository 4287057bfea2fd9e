package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/pack"
	"github.com/sansang/sansang/internal/record"
)

func (a *app) pack() *cobra.Command {
	var unit, output string
	c := &cobra.Command{
		Use:   a.t("pack HỒ-SƠ --unit TỆP-ĐƠN-VỊ -o GÓI.zip", "pack ASSESSMENT --unit UNIT-FILE -o PACK.zip"),
		Short: a.t("Đóng gói hồ sơ, tệp đơn vị và mọi tài liệu chứng minh", "Pack an assessment with its unit file and all documents"),
		Long: a.t(`Đóng gói hồ sơ đánh giá, tệp đơn vị và mọi tài liệu mà tệp đơn vị nêu vào một tệp zip,
kèm mục lục SHA-256. Thiếu một tài liệu, hoặc tài liệu đã thay đổi, thì không đóng gói.
sansang judge, report và merge đọc thẳng gói này; sansang unpack mở gói ra thư mục.
Gói chứa địa chỉ, cấu hình và văn bản của đơn vị: bảo quản như tài liệu nội bộ.`,
			`Packs an assessment, the unit file and every document that it names into one zip file
with a manifest of SHA-256. With a document missing or changed nothing is packed.
sansang judge, report and merge read the pack as it is; sansang unpack takes it apart.
A pack holds the unit's addresses, settings and papers: keep it as an internal document.`),
		Example: "  sansang pack ho-so.jsonl --unit don-vi.yaml -o don-vi.zip\n  sansang judge don-vi.zip",
		Args:    a.exactly(1, "hồ sơ đánh giá", "an assessment file"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.runPack(args[0], unit, output) },
	}
	c.Flags().StringVar(&unit, "unit", "", a.t("tệp đơn vị nêu các tài liệu", "the unit file that names the documents"))
	c.Flags().StringVarP(&output, "output", "o", "", a.t("ghi gói vào tệp này", "write the pack here"))
	return c
}

func (a *app) runPack(path, unitPath, output string) error {
	switch {
	case unitPath == "":
		return faultf("chưa nêu tệp đơn vị; thêm --unit don-vi.yaml", "there is no unit file; add --unit unit.yaml")
	case output == "":
		return faultf("chưa nói ghi gói vào đâu; thêm -o don-vi.zip", "nothing says where to write the pack; add -o unit.zip")
	}
	assessed, err := record.Open(path)
	if err != nil {
		return err
	}
	unit, err := readUnit(unitPath)
	if err != nil {
		return err
	}
	if err := sameUnit(unit, assessed); err != nil {
		return err
	}
	if bad := (&dossier{unitFile: unit}).unreadable(); len(bad) > 0 {
		var vi, en []string
		for _, b := range bad {
			vi, en = append(vi, "- "+b.Vi), append(en, "- "+b.En)
		}
		return faultf("chưa đóng gói được, sửa các tài liệu sau (sansang evidence check):\n%[1]s", "nothing was packed; mend these documents (sansang evidence check):\n%[2]s", strings.Join(vi, "\n"), strings.Join(en, "\n"))
	}
	files, err := unit.sources(path)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(output); !errors.Is(err, fs.ErrNotExist) {
		return &fs.PathError{Op: "create", Path: output, Err: fs.ErrExist}
	}
	name := pack.UnitDir + unit.file.Name
	if err := writeWhole(output, func(w io.Writer) error { return pack.Write(w, unit.Unit.Unit.ID, name, files) }); err != nil {
		return err
	}
	if !a.quiet {
		a.say(lang.Tf("đã đóng gói %d tệp: %s", "packed %d files: %s", len(files), output))
		a.next("sansang judge", output)
	}
	return nil
}

func sameUnit(u *unitFile, a *record.Assessment) error {
	if x, y := u.Unit.Unit.ID, a.Header.Unit.Unit.ID; x != y {
		return faultf("tệp đơn vị là của %s, hồ sơ là của %s", "the unit file is of %s, the assessment of %s", x, y)
	}
	return nil
}

// sources lists what is packed: the assessment, the unit file and each
// document once.
func (u *unitFile) sources(assessment string) ([]pack.Source, error) {
	sum, err := hashFile(assessment)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(u.dir, u.file.Name)
	own, err := hashFile(path)
	if err != nil {
		return nil, err
	}
	plain := func(path string) func() (io.ReadCloser, error) {
		return func() (io.ReadCloser, error) { return os.Open(path) }
	}
	out := []pack.Source{
		{File: pack.File{Path: pack.AssessmentPath, SHA256: sum.SHA256, Bytes: sum.Bytes}, Open: plain(assessment)},
		{File: pack.File{Path: pack.UnitDir + u.file.Name, SHA256: u.file.SHA256, Bytes: own.Bytes}, Open: plain(path)},
	}
	for _, name := range u.documentNames() {
		if slices.ContainsFunc(out, func(s pack.Source) bool { return s.Path == inPack(name) }) {
			continue // the same file by another path, or the unit file itself
		}
		d, err := u.document(name)
		if err != nil {
			return nil, err
		}
		out = append(out, pack.Source{File: pack.File{Path: inPack(name), SHA256: d.SHA256, Bytes: d.Bytes}, Open: func() (io.ReadCloser, error) { return u.open(name) }})
	}
	return out, nil
}
