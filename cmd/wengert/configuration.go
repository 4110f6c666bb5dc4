package main

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/klauspost/cpuid/v2"
)

// configuration is what a run can be repeated from, config.json in its folder.
type configuration struct {
	Command string      `json:"command"` // the whole command line, defaults included
	Version string      `json:"version"` // of this program
	Machine string      `json:"machine"` // processor and cores
	Flags   []flagValue `json:"flags"`
}

// flagValue is a flag as it was given or defaulted to.
type flagValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// newConfiguration writes down a command line that was parsed.
func newConfiguration(parsed *kong.Context) configuration {
	c := configuration{
		Command: "wengert " + parsed.Command(),
		Version: version(),
		Machine: fmt.Sprintf("%s, %d cores, %s/%s", cpuid.CPU.BrandName, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH),
	}
	for _, f := range parsed.Flags() {
		value := fmt.Sprint(parsed.FlagValue(f))
		if f.Name == "help" || value == "" {
			continue
		}
		c.Flags = append(c.Flags, flagValue{f.Name, value})
		c.Command += flagText(f, value)
	}
	return c
}

// plain is a value that a shell leaves alone.
var plain = regexp.MustCompile(`^[\w./,:=@%+-]+$`)

// flagText is a flag as one types it; "" for a switch that is off and is so without it.
func flagText(f *kong.Flag, value string) string {
	switch {
	case f.IsBool() && value == "true":
		return " --" + f.Name
	case f.IsBool() && f.Tag.Negatable != "":
		return " --no-" + f.Name
	case f.IsBool():
		return ""
	case !plain.MatchString(value):
		value = "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
	}
	return " --" + f.Name + "=" + value
}
