"""Files of settings with what Compose makes of them: the values of A, B, C, D, SYMBOLS and DB_PASSWORD."""

from __future__ import annotations

from typing import Final

ENVIRONMENT: Final = {"GIVEN": "given $HOME", "EMPTY": "", "D": "of the environment"}

# Each with the values of the names that it is about.
CORPUS: Final[list[tuple[bytes, dict[str, str]]]] = [
    # The twelve passwords that were tried.
    (b"DB_PASSWORD=plain", {"DB_PASSWORD": "plain"}),
    (b"DB_PASSWORD='pa${ss}word'", {"DB_PASSWORD": "pa${ss}word"}),
    (b"DB_PASSWORD=pa$$word", {"DB_PASSWORD": "pa$word"}),
    (b"DB_PASSWORD=\" lead\"", {"DB_PASSWORD": " lead"}),
    (b"DB_PASSWORD=pa$word", {"DB_PASSWORD": "pa"}),
    (b"DB_PASSWORD='p@ss:w/ord $x % #\"q\"'", {"DB_PASSWORD": "p@ss:w/ord $x % #\"q\""}),
    (b"DB_PASSWORD=a#b", {"DB_PASSWORD": "a#b"}),
    (b"DB_PASSWORD=a #b", {"DB_PASSWORD": "a"}),
    ("DB_PASSWORD=Пароль-2024".encode(), {"DB_PASSWORD": "Пароль-2024"}),
    (b"DB_PASSWORD=\"a # b\"", {"DB_PASSWORD": "a # b"}),
    (b"DB_PASSWORD=\"a\\\"b\"", {"DB_PASSWORD": 'a"b'}),
    (b"DB_PASSWORD='trail '", {"DB_PASSWORD": "trail "}),
    # Quotes and escapes.
    (rb"A='it\'s'", {"A": "it's"}),
    (rb"A='a\\'", {"A": r"a\\"}),
    (rb"A='a\nb $D'", {"A": r"a\nb $D"}),
    (rb'A="a\\"', {"A": "a\\"}),
    (rb'A="a\nb\tc\x41\0101\$B$$"', {"A": "a\nb\tc\\x41A$B$"}),
    (rb'A="\a\b\c\f\v\q\r"', {"A": "\a\b\\c\f\v\\q\r"}),
    (rb'A="\012\09\0777\0377"', {"A": "\\12\\9\\777\xff"}),
    (rb"A=a\nb\\", {"A": r"a\nb\\"}),
    (b"A='' \nB=\"\"", {"A": "", "B": ""}),
    (b"A='x\ny'\nB=\"x\ny\"", {"A": "x\ny", "B": "x\ny"}),
    (b"A=it's", {"A": "it's"}),
    (b"A=x'y z'", {"A": "x'y z'"}),
    (b"A=`x`", {"A": "`x`"}),
    # Comments and blanks.
    (b"A=1 #x\nB=a#b\nC=#c", {"A": "1", "B": "a#b", "C": "#c"}),
    (b"A= #c\nB='x' # c\nC='x'#c", {"A": "#c", "B": "x", "C": "x"}),
    (b"A=a\t#c", {"A": "a\t#c"}),
    (b"# c\n\n  A=1\n\t#d\nB=2", {"A": "1", "B": "2"}),
    (b"A =  1 \nB\t=\t2\t", {"A": "1", "B": "2"}),
    (b"A=a\xc2\xa0", {"A": "a"}),
    (b"A=1;B=2", {"A": "1;B=2"}),
    (b"A=x\\\nB=1", {"A": "x\\", "B": "1"}),
    # Ends of lines and a byte-order mark.
    (b"A=a\r\nB='b'\r\nC=\"c\"\r\n", {"A": "a", "B": "b", "C": "c"}),
    (b"\xef\xbb\xbfA=1\nB=2", {"A": "1", "B": "2"}),
    (b"A=1\rB=2", {"A": "1\rB=2"}),
    # Names.
    (b"A: 1\nB:2\nC :'3'", {"A": "1", "B": "2", "C": "3"}),
    (b"SYMBOLS: ETHUSDT", {"SYMBOLS": "ETHUSDT"}),
    (b"A:\nB=1", {"A": "", "B": "1"}),
    (b"A==1\nB:=2", {"A": "=1", "B": "=2"}),
    (b"export A=1\nexport\tB=2\nexport\nC=3", {"A": "1", "B": "2", "C": "3"}),
    (b"A=1\nA=2", {"A": "2"}),
    (b"A=1\nA\nB=2", {"A": "1", "B": "2"}),
    (b"GIVEN\nA=$GIVEN\n", {"A": "given $HOME"}),
    (b"A-B=1\nA.B=2\nA[0]=3\nA=4", {"A": "4"}),
    # Variables.
    (b"A=$GIVEN\nB=${GIVEN}\nC=\"$GIVEN\"", {"A": "given $HOME", "B": "given $HOME", "C": "given $HOME"}),
    (b"A=1\nB=$A\nC=${A}x$A-y", {"A": "1", "B": "1", "C": "1x1-y"}),
    (b"A=$B\nB=1", {"A": "", "B": "1"}),
    (b"A=${B:-d}${EMPTY:-e}${EMPTY-f}${GIVEN:-g}", {"A": "degiven $HOME"}),
    (b"A=${B:+d}${EMPTY:+e}${EMPTY+f}${GIVEN:+g}", {"A": "fg"}),
    (b"A=${GIVEN:?no}${EMPTY?no}", {"A": "given $HOME"}),
    (b"A=${B:-${C:-z}}", {"A": "z"}),
    (b"A=${B:-}}\nC=${B:-a}b}", {"A": "}", "C": "ab}"}),
    (b"A=${B:-{a}}\nC={a}${B:-b}", {"A": "{a}", "C": "{a}b"}),
    (b"A=${B-a:-b}\nC=${B:-a?b}", {"A": "a:-b", "C": "a?b"}),
    (b"A=${B:-a b} # c", {"A": "a b"}),
    (b"A=${B:-\"q\"}", {"A": '"q"'}),
    (b"A=$\nB=$1\nC=x$", {"A": "$", "B": "$1", "C": "x$"}),
    (b"A=$$$GIVEN\nB=$$$$", {"A": "$given $HOME", "B": "$$"}),
    (b"A={$EMPTY}", {"A": "{}"}),
    (b"", {}),
    (b"\n# only a comment", {}),
]  # fmt: skip

# What Compose refuses, with the line that is named.
REFUSED_BY_BOTH: Final[list[tuple[bytes, int, str]]] = [
    (b"A=1\n\nSYMBOLS=\"ETHUSDT\nDB_PASSWORD=hunter2\n", 3, "opens a quote that is never closed"),
    (b"A=1\nDB_PASSWORD='hunter2\nB=2", 2, "opens a quote that is never closed"),
    (b"SYMBOLS=\"ETHUSDT\nDB_PASSWORD=\"hunter2\"\n", 1, "text behind the closing quote"),
    (b"DB_PASSWORD='hunter2's", 1, "text behind the closing quote"),
    (b"DB_PASSWORD='hunter''2'\n", 1, "text behind the closing quote"),
    (b"A=1\nDB_PASSWORD hunter2\n", 2, "is not of the form NAME=value"),
    (b"set DB_PASSWORD=hunter2\n", 1, "is not of the form NAME=value"),
    (b"A=1\nhunter2!\n", 2, "is not of the form NAME=value"),
    (b"DB_PASSWORD+=hunter2\n", 1, "is not of the form NAME=value"),
    (b"\"DB_PASSWORD\"=hunter2\n", 1, "is not of the form NAME=value"),
    (b"{\"DB_PASSWORD\": \"hunter2\"}\n", 1, "is not of the form NAME=value"),
    (b"=hunter2\n", 1, "is not of the form NAME=value"),
    (b"A=1\nhunter2", 2, "is not of the form NAME=value"),
    (b"A=1\n\nexport ", 3, "is not of the form NAME=value"),
    (b"A=1\n\x1a", 2, "is not of the form NAME=value"),
    (b"DB_PASSWORD=hunter2${", 1, "holds a ${ that can't be expanded"),
    (b"DB_PASSWORD=hunter2${}", 1, "holds a ${ that can't be expanded"),
    (b"DB_PASSWORD=\"hunter2${1}\"", 1, "holds a ${ that can't be expanded"),
    (b"DB_PASSWORD=${hunter2", 1, "holds a ${ that can't be expanded"),
    (b"A=1\nDB_PASSWORD=${hunter2!}", 2, "holds a ${ that can't be expanded"),
    (b"DB_PASSWORD=${hunter2:?hunter2}", 1, "demands a variable that is not set"),
    (b"DB_PASSWORD=${EMPTY:?hunter2}", 1, "demands a variable that is not set"),
    (b"DB_PASSWORD=hunter2\x00\n", 1, "holds a NUL character"),
    (b"DB_PASSWORD=\"hunter2\\0000\"\n", 1, "holds a NUL character"),
]  # fmt: skip

# What Compose takes by guessing.
REFUSED_HERE: Final[list[tuple[bytes, int, str]]] = [
    (b"A=1\nDB_PASSWORD='hunter2'x\n", 2, "text behind the closing quote"),
    (b"A='x' DB_PASSWORD=hunter2", 1, "text behind the closing quote"),
    (b"A\tDB_PASSWORD=hunter2\n", 1, "is not of the form NAME=value"),
    (b"DB_PASSWORD=hunter2\xff\n", 1, "is not UTF-8 text"),
]
