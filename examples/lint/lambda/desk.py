"""Answers a flow with routing criteria."""

WELSH = "connect:Welsh"


def handler(event, _context):
    if event["Details"]["Parameters"]["desk"] == "flood":
        return {
            "criteria": {
                "Steps": [
                    {
                        "Expression": {
                            "AttributeCondition": {
                                "Name": "Claims",
                                "Value": "Flood damage",
                                "ProficiencyLevel": 9,
                                "ComparisonOperator": "NumberGreaterOrEqualTo",
                            }
                        },
                        "Expiry": {"DurationInSeconds": 30},
                    }
                ]
            }
        }
    return {
        "criteria": {
            "Steps": [{"Expression": {"AttributeCondition": {"Name": "connect:Language", "Value": WELSH}}}]
        }
    }
