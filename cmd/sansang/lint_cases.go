package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/sansang/sansang/internal/report"
	"github.com/sansang/sansang/internal/trial"
	"github.com/sansang/sansang/internal/yamldoc"
)

// readCases reads every file of cases in a folder, and tells the mistakes of
// all of them.
func readCases(folder string, known trial.Known) ([]trial.Case, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) || err == nil && len(files) == 0 {
		return nil, faultf("không có trường hợp thử nào ở %s; viết vào đó các tệp .yaml, hoặc nêu thư mục khác bằng --cases", "there are no cases in %s; write .yaml files there, or name another folder with --cases", folder)
	}
	var cases []trial.Case
	var problems yamldoc.Problems
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		read, err := trial.Read(file, b, known)
		var ps yamldoc.Problems
		if errors.As(err, &ps) {
			problems = append(problems, ps...)
		} else if err != nil {
			return nil, err
		}
		cases = append(cases, read...)
	}
	return cases, problems.Err()
}

// folded breaks a line at spaces so that it fits a width, the rest indented.
func folded(s string, width int) string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(report.Lines(s)) {
		switch {
		case line == "":
			line = word
		case len([]rune(line))+1+len([]rune(word)) > width:
			lines, line = append(lines, line), "    "+word
		default:
			line += " " + word
		}
	}
	return strings.Join(append(lines, line), "\n")
}
