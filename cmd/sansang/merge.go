package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
)

func (a *app) merge() *cobra.Command {
	var output string
	var newest bool
	c := &cobra.Command{
		Use:   a.t("merge HỒ-SƠ HỒ-SƠ… -o HỒ-SƠ", "merge ASSESSMENT ASSESSMENT… -o ASSESSMENT"),
		Short: a.t("Ghép các hồ sơ của một đơn vị, nhìn từ nhiều vùng mạng", "Join assessments of one unit seen from several zones"),
		Long: a.t(`Ghép các hồ sơ đánh giá của cùng một đơn vị, rà quét từ nhiều vùng mạng (--vantage),
thành một hồ sơ để đánh giá. Mỗi dữ kiện giữ nơi nó được nhìn thấy; yêu cầu nào chỉ xét
từ một vùng thì lấy dữ kiện của vùng đó. Thứ tự các hồ sơ không ảnh hưởng kết quả.`,
			`Joins assessments of one unit that were made from several zones (--vantage) into
one to be judged. Every fact keeps the place that it was seen from; a requirement
that asks for a zone takes the facts of that zone. Their order does not matter.`),
		Example: "  sansang merge internet.jsonl noi-bo.jsonl quan-tri.jsonl -o ho-so.jsonl\n  sansang judge ho-so.jsonl",
		RunE: func(_ *cobra.Command, args []string) error {
			return a.runMerge(args, output, newest)
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "", a.t("ghi hồ sơ đã ghép vào tệp này", "write the joined assessment here"))
	c.Flags().BoolVar(&newest, "newest", false, a.t("hai hồ sơ nhìn từ cùng một nơi: chỉ lấy hồ sơ mới hơn", "of two assessments from the same place take only the newer"))
	return c
}

func (a *app) runMerge(paths []string, output string, newest bool) error {
	switch {
	case len(paths) < 2:
		return faultf("cần ít nhất hai hồ sơ để ghép; xem: sansang merge --help", "it takes two assessments or more to join; see: sansang merge --help")
	case output == "":
		return faultf("chưa nói ghi hồ sơ đã ghép vào đâu; thêm -o ho-so.jsonl", "nothing says where to write the joined assessment; add -o joined.jsonl")
	}
	var in []record.Input
	for _, path := range paths {
		assessed, own, err := openAssessment(path)
		if err != nil {
			return err
		}
		if own != nil && own.file.SHA256 != assessed.Header.UnitFile.SHA256 { // it is no part of what is joined, and may have taken something back
			a.say(lang.Tf("%[1]s: gói có tệp đơn vị khác với lúc rà quét; hồ sơ đã ghép chỉ có xác nhận, miễn trừ lúc rà quét. Để xét theo tệp trong gói: sansang unpack, rồi sansang judge với --unit",
				"%[1]s: the unit file of this pack is not the one of the scan; the joined assessment has the attestations and waivers of the scan alone. To judge by the one in the pack: sansang unpack, then sansang judge with --unit", filepath.Base(path)))
		}
		in = append(in, record.Input{Name: filepath.Base(path), Assessment: assessed})
	}
	joined, err := record.Merge(in, newest)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(output); !errors.Is(err, fs.ErrNotExist) {
		return &fs.PathError{Op: "create", Path: output, Err: fs.ErrExist}
	}
	if err := writeWhole(output, func(w io.Writer) error { return joined.Write(w, tool()) }); err != nil {
		return err
	}
	if !a.quiet {
		a.say(lang.Tf("đã ghép %d hồ sơ, nhìn từ %d nơi: %s", "joined %d assessments, seen from %d places: %s", len(joined.Header.Joined), len(joined.Vantages()), output))
		a.next("sansang judge", output)
	}
	return nil
}
