package main

import (
	"errors"
	"io/fs"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sansang/sansang/internal/lang"
)

// reason says the common file errors in both languages.
func reason(err error) lang.Text {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return lang.T("không có tệp này", "no such file")
	case errors.Is(err, fs.ErrExist):
		return lang.T("tệp đã có sẵn, sẽ không ghi đè", "the file exists and is not overwritten")
	case errors.Is(err, fs.ErrPermission):
		return lang.T("không có quyền", "permission denied")
	case errors.Is(err, syscall.EISDIR):
		return lang.T("đây là thư mục, cần một tệp", "this is a folder, and a file is wanted")
	case errors.Is(err, syscall.ENOTDIR):
		return lang.T("một phần của đường dẫn là tệp, không phải thư mục", "a part of the path is a file, not a folder")
	case errors.Is(err, syscall.EROFS):
		return lang.T("ổ đĩa chỉ cho đọc", "the disk is read-only")
	}
	return lang.T(err.Error(), err.Error())
}

// cannotOpen says which file could not be opened or written, and why.
func cannotOpen(err *fs.PathError) lang.Text {
	why := reason(err.Err)
	return lang.Tf("không mở hoặc ghi được %[1]s: %[2]s", "cannot open or write %[1]s: %[3]s", err.Path, why.Vi, why.En)
}

// flagMistake says what is wrong with a flag, and what may have been meant.
func flagMistake(c *cobra.Command, err error) error {
	what := lang.T(err.Error(), err.Error())
	var unknown *pflag.NotExistError
	var bare *pflag.ValueRequiredError
	var bad *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		what = lang.Tf("không có tùy chọn -%s", "there is no flag -%s", unknown.GetSpecifiedName())
	case errors.As(err, &unknown):
		what = lang.Tf("không có tùy chọn --%s", "there is no flag --%s", unknown.GetSpecifiedName())
		var names []string
		c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if near := lang.Nearest(unknown.GetSpecifiedName(), names); near != "" {
			what = lang.Tf("%[1]s; có phải là --%[3]s?", "%[2]s; did you mean --%[3]s?", what.Vi, what.En, near)
		}
	case errors.As(err, &bare):
		what = lang.Tf("--%s cần một giá trị ở sau", "--%s wants a value after it", bare.GetFlag().Name)
	case errors.As(err, &bad):
		what = lang.Tf("--%s không nhận giá trị %q", "--%s does not take %q", bad.GetFlag().Name, bad.GetValue())
	}
	return faultf("%[1]s; xem: %[3]s --help", "%[2]s; see: %[3]s --help", what.Vi, what.En, c.CommandPath())
}

// argMistake says what a command wants that it was not given, or was given too
// much of.
func argMistake(c *cobra.Command, args []string) error {
	if !c.HasSubCommands() {
		return faultf("viết lệnh này như sau: %s; xem: %s --help", "write this command so: %s; see: %s --help", c.UseLine(), c.CommandPath())
	}
	var names []string
	for _, sub := range c.Commands() {
		names = append(names, sub.Name())
	}
	wrote := strings.Join(args[:min(1, len(args))], "")
	if near := lang.Nearest(wrote, names); near != "" {
		return faultf("không có lệnh %s %s; có phải là %[1]s %[3]s?", "there is no command %s %s; did you mean %[1]s %[3]s?", c.CommandPath(), wrote, near)
	}
	return faultf("không có lệnh %s %s; xem: %[1]s --help", "there is no command %s %s; see: %[1]s --help", c.CommandPath(), wrote)
}
