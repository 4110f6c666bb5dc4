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
		Machine: fmt.Sprintf("%s, cores: %d, %s/%s", cpuid.CPU.BrandName, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH),
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

// add writes down a value that a flag would have: what was found where none was given.
func (c *configuration) add(name, value string) {
	c.Flags = append(c.Flags, flagValue{name, value})
	c.Command += " --" + name + "=" + quoted(value)
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
	}
	return " --" + f.Name + "=" + quoted(value)
}

// quoted is a value as a shell takes it.
func quoted(value string) string {
	if plain.MatchString(value) {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
