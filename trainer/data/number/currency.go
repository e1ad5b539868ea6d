package number

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// currencies are the codes that count as units; three letters that are none of them may be anything.
var currencies = map[string]bool{
	"AED": true, "ARS": true, "AUD": true, "BGN": true, "BRL": true, "CAD": true, "CHF": true, "CLP": true, "CNY": true, "COP": true,
	"CZK": true, "DKK": true, "EGP": true, "EUR": true, "GBP": true, "HKD": true, "HUF": true, "IDR": true, "ILS": true, "INR": true,
	"ISK": true, "JPY": true, "KES": true, "KRW": true, "MAD": true, "MXN": true, "MYR": true, "NGN": true, "NOK": true, "NZD": true,
	"PEN": true, "PHP": true, "PKR": true, "PLN": true, "QAR": true, "RON": true, "RSD": true, "RUB": true, "SAR": true, "SEK": true,
	"SGD": true, "THB": true, "TRY": true, "TWD": true, "UAH": true, "USD": true, "VND": true, "ZAR": true,
}

// currencyNames are what currencies are called where they have no sign of their own, longer ones first.
var currencyNames = []string{"US$", "CA$", "NZ$", "HK$", "SFr.", "Fr.", "kr.", "Rs.", "A$", "C$", "R$", "S$", "kr", "zł", "Kč", "Rs", "RM", "Rp"}

// unitIn is the first unit that a cell carries.
func unitIn(cells []string) string { return firstUnit(cells, unitOf) }

// currencyIn is the first one that is no measure.
func currencyIn(cells []string) string { return firstUnit(cells, currencyOf) }

func firstUnit(cells []string, of func(cell string) string) string {
	for _, cell := range cells {
		if unit := of(cell); unit != "" {
			return unit
		}
	}
	return ""
}

func unitOf(cell string) string {
	if unit := currencyOf(cell); unit != "" {
		return unit
	}
	cell, _ = unsigned(cell)
	_, unit := measured(cell)
	return unit
}

// currencyOf is the currency of a cell, or "%".
func currencyOf(cell string) string {
	cell, _ = unsigned(cell)
	for _, name := range currencyNames {
		if strings.HasPrefix(cell, name) || strings.HasSuffix(cell, name) {
			return name
		}
	}
	first, _ := utf8.DecodeRuneInString(cell)
	last, _ := utf8.DecodeLastRuneInString(cell)
	for _, r := range []rune{first, last} {
		if r == '%' || unicode.Is(unicode.Sc, r) {
			return string(r)
		}
	}
	if n := len(cell); n > 3 && currencies[cell[:3]] {
		return cell[:3]
	} else if n > 3 && currencies[cell[n-3:]] {
		return cell[n-3:]
	}
	return ""
}
